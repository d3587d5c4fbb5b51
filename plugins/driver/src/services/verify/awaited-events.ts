import { grown } from './open-puts.ts';

const NOWHERE = 0;
const FIRST_CAPACITY = 1024;

/**
 * Events that not all watchers have told yet: a list for each key, all in one pool that grows up to a bound. Which
 * watchers are still to come is not kept, but how many they are and the sum of their marks: numbers that no two sets of
 * watchers are likely to share.
 */
export class AwaitedEvents {
  /** Bytes for each place. */
  static readonly bytesEach = 8 + 8 + 4 + 4 + 4 + 4 + 1;
  /** Places in use. */
  size = 0;
  /** Where the places end that were ever in use. */
  end = 1;
  readonly #most: number;
  readonly #heads: Int32Array;
  #revisions = new Float64Array(FIRST_CAPACITY);
  #helds = new Float64Array(FIRST_CAPACITY);
  #slots = new Int32Array(FIRST_CAPACITY);
  #next = new Int32Array(FIRST_CAPACITY);
  #left = new Int32Array(FIRST_CAPACITY);
  #marks = new Int32Array(FIRST_CAPACITY);
  #flags = new Uint8Array(FIRST_CAPACITY);
  #free = NOWHERE;

  constructor(slots: number, most: number) {
    this.#heads = new Int32Array(slots);
    this.#most = most;
  }

  /** Its place; 0: it isn't awaited. */
  find(slot: number, revision: number): number {
    let place = this.#heads[slot]!;
    while (place !== NOWHERE && this.#revisions[place] !== revision) place = this.#next[place]!;
    return place;
  }

  /**
   * Returns its place; 0 where there is no room for it.
   *
   * @param held the number of a write, or one of `Held`
   * @param left how many watchers are to tell it
   * @param marks sum of theirs
   */
  add(slot: number, revision: number, held: number, left: number, marks: number): number {
    let place = this.#free;
    if (place !== NOWHERE) this.#free = this.#next[place]!;
    else {
      if (this.end > this.#most) return 0;
      if (this.end === this.#revisions.length) this.#grow();
      place = this.end;
      this.end += 1;
    }
    this.#revisions[place] = revision;
    this.#helds[place] = held;
    this.#slots[place] = slot;
    this.#left[place] = left;
    this.#marks[place] = marks;
    this.#flags[place] = IN_USE;
    this.#next[place] = this.#heads[slot]!;
    this.#heads[slot] = place;
    this.size += 1;
    return place;
  }

  remove(place: number): void {
    const slot = this.#slots[place]!;
    if (this.#heads[slot] === place) this.#heads[slot] = this.#next[place]!;
    else {
      let before = this.#heads[slot]!;
      while (this.#next[before] !== place) before = this.#next[before]!;
      this.#next[before] = this.#next[place]!;
    }
    this.#next[place] = this.#free;
    this.#free = place;
    this.#flags[place] = 0;
    this.size -= 1;
  }

  isInUse(place: number): boolean {
    return this.#flags[place] !== 0;
  }

  slotAt(place: number): number {
    return this.#slots[place]!;
  }

  revisionAt(place: number): number {
    return this.#revisions[place]!;
  }

  heldAt(place: number): number {
    return this.#helds[place]!;
  }

  leftAt(place: number): number {
    return this.#left[place]!;
  }

  marksAt(place: number): number {
    return this.#marks[place]!;
  }

  isToldByAll(place: number): boolean {
    return this.#left[place] === 0 && this.#marks[place] === 0;
  }

  /** A watcher told it. */
  tick(place: number, mark: number): void {
    this.#left[place]! -= 1;
    this.#marks[place]! -= mark;
  }

  /** Its answer has come, or never will: it can be forgotten once all watchers told it. */
  isClaimed(place: number): boolean {
    return (this.#flags[place]! & CLAIMED) !== 0;
  }

  claim(place: number): void {
    this.#flags[place]! |= CLAIMED;
  }

  /** There may be no such event at all: the key was perhaps not there when it was deleted. */
  isOptional(place: number): boolean {
    return (this.#flags[place]! & OPTIONAL) !== 0;
  }

  setOptional(place: number): void {
    this.#flags[place]! |= OPTIONAL;
  }

  #grow(): void {
    const capacity = this.#revisions.length * 2;
    this.#revisions = grown(Float64Array, this.#revisions, capacity);
    this.#helds = grown(Float64Array, this.#helds, capacity);
    this.#slots = grown(Int32Array, this.#slots, capacity);
    this.#next = grown(Int32Array, this.#next, capacity);
    this.#left = grown(Int32Array, this.#left, capacity);
    this.#marks = grown(Int32Array, this.#marks, capacity);
    this.#flags = grown(Uint8Array, this.#flags, capacity);
  }
}

const IN_USE = 1;
const CLAIMED = 2;
const OPTIONAL = 4;
