const SLOTS = 1 << 14;
const MASK = SLOTS - 1;

/**
 * Which key each of the latest revisions was first seen with. Transactions of others write several keys at one revision:
 * these are different events, and not one that came twice.
 */
export class RevisionKeys {
  readonly #revisions = new Float64Array(SLOTS);
  readonly #hashes = new Int32Array(SLOTS);

  /** A revision is seen for the first time, with this key. */
  note(revision: number, bytes: Buffer, start: number, end: number): void {
    const slot = revision & MASK;
    if (this.#revisions[slot] === revision) return;
    this.#revisions[slot] = revision;
    this.#hashes[slot] = hash(bytes, start, end);
  }

  /** Whether this key is certainly not the one that the revision was first seen with. */
  isAnother(revision: number, bytes: Buffer, start: number, end: number): boolean {
    const slot = revision & MASK;
    return this.#revisions[slot] === revision && this.#hashes[slot] !== hash(bytes, start, end);
  }
}

/** FNV-1a. */
function hash(bytes: Buffer, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let at = start; at < end; at += 1) value = Math.imul(value ^ bytes[at]!, 0x01000193);
  return value;
}
