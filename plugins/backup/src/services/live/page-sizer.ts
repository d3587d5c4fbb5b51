/** Bytes of a reply: large enough that asking costs little, small enough to stay in the processor's caches. */
const WANTED_BYTES = 2 << 20;
/** Longer replies are refused, unless they are of a single key. */
const MOST_BYTES = 8 << 20;
const LONGEST_REPLY = 512 << 20;
const FIRST_KEYS = 16;
/** etcd holds all of them, with their values, until it has answered. */
const MOST_KEYS = 10_000;
/** Where values aren't sent, nobody knows how large those are that etcd reads all the same. */
const MOST_BARE_KEYS = 1000;
/** From one page to the next; the next values may be larger. */
const MOST_GROWTH = 8;

/** How many keys are asked for, by how large those before were. */
export class PageSizer {
  #keys = FIRST_KEYS;
  readonly #mostKeys: number;

  /** @param isBare keys without values */
  constructor(isBare: boolean) {
    this.#mostKeys = isBare ? MOST_BARE_KEYS : MOST_KEYS;
  }

  get keys(): number {
    return this.#keys;
  }

  get mostBytes(): number {
    return this.#keys === 1 ? LONGEST_REPLY : MOST_BYTES;
  }

  /** A reply had so many bytes. */
  took(keys: number, bytes: number): void {
    if (keys === 0) return;
    const fitting = Math.floor((WANTED_BYTES / bytes) * keys);
    this.#keys = Math.max(1, Math.min(fitting, Math.max(keys, this.#keys) * MOST_GROWTH, this.#mostKeys));
  }

  /** A reply with so many keys would have had so many bytes: the next one has fewer. */
  refused(keys: number, bytes: number): void {
    this.#keys = Math.max(1, Math.floor((WANTED_BYTES / bytes) * keys));
  }
}
