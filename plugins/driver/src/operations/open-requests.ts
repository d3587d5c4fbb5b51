const FIRST_SLOTS = 64;
const FREE = -1;

/**
 * What is known of requests without an answer: two numbers and, once it came, a revision. Found by their sequence
 * numbers, which only ever grow; one that waits for long among many quick ones needs room, and gets it.
 */
export class OpenRequests {
  /** Without an outcome. */
  count = 0;
  #mask = FIRST_SLOTS - 1;
  #sequences = new Float64Array(FIRST_SLOTS).fill(FREE);
  #first = new Float64Array(FIRST_SLOTS);
  #second = new Float64Array(FIRST_SLOTS);
  #revisions = new Float64Array(FIRST_SLOTS);

  open(sequence: number, first: number, second: number): void {
    while (this.#sequences[sequence & this.#mask] !== FREE) this.#grow();
    const slot = sequence & this.#mask;
    this.#sequences[slot] = sequence;
    this.#first[slot] = first;
    this.#second[slot] = second;
    this.#revisions[slot] = 0;
    this.count += 1;
  }

  /** Where the request is: good until another is opened. */
  slotOf(sequence: number): number {
    return sequence & this.#mask;
  }

  first(slot: number): number {
    return this.#first[slot]!;
  }

  second(slot: number): number {
    return this.#second[slot]!;
  }

  /** 0: no answer. */
  revision(slot: number): number {
    return this.#revisions[slot]!;
  }

  setRevision(slot: number, revision: number): void {
    this.#revisions[slot] = revision;
  }

  close(slot: number): void {
    this.#sequences[slot] = FREE;
    this.count -= 1;
  }

  /** The smallest of all first numbers; Infinity: nothing is open. */
  smallestFirst(): number {
    let smallest = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot <= this.#mask; slot += 1)
      if (this.#sequences[slot] !== FREE) smallest = Math.min(smallest, this.#first[slot]!);
    return smallest;
  }

  /** Twice the slots: two of them share none that had different ones before. */
  #grow(): void {
    const [sequences, first, second, revisions] = [this.#sequences, this.#first, this.#second, this.#revisions];
    const slots = sequences.length * 2;
    this.#mask = slots - 1;
    this.#sequences = new Float64Array(slots).fill(FREE);
    this.#first = new Float64Array(slots);
    this.#second = new Float64Array(slots);
    this.#revisions = new Float64Array(slots);
    for (let old = 0; old < sequences.length; old += 1) {
      const sequence = sequences[old]!;
      if (sequence === FREE) continue;
      const slot = sequence & this.#mask;
      this.#sequences[slot] = sequence;
      this.#first[slot] = first[old]!;
      this.#second[slot] = second[old]!;
      this.#revisions[slot] = revisions[old]!;
    }
  }
}
