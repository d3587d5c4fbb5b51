/** What most reports need of a recorder. Every figure but `count` is NaN (in JSON: null) where nothing was recorded. */
export interface LatencySummary {
  readonly count: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A recorder as plain JSON: small, and mergeable with others of the same `precision`. */
export interface RecorderJson {
  readonly unit: 'ns';
  readonly precision: number;
  readonly count: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly sumNs: number;
  /** Pairs: how many slots to go on from the last one, and the count there. */
  readonly slots: readonly number[];
}

// 512 slots for every doubling: a slot is at most 1/512 (0.2 %) of its value wide, and its middle is reported.
const PRECISION_BITS = 9;
const SLOTS = 1 << PRECISION_BITS;
const NS_PER_MS = 1e6;

/**
 * Counts durations in slots whose width grows with the value (the idea of HDR histograms): any duration from 1 ns to
 * 104 days within 0.1 %, in memory that depends on the range and not on the count. `record` allocates nothing once
 * the range has been seen. Percentiles come from the merged counts, never from averaged percentiles.
 *
 * Durations between two hosts' clocks can be negative: these are counted as 0 in the slots, and exactly in `min` and
 * the mean, so that they show.
 */
export class LatencyRecorder {
  #slots = new Float64Array(SLOTS * 2);
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #sum = 0;

  /** @param ns whole nanoseconds, or a fraction that is cut off. Throws RangeError for NaN and beyond 2^53. */
  record(ns: number): void {
    if (!(ns <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`not a duration in nanoseconds: ${ns}`);
    const slot = slotOf(ns);
    if (slot >= this.#slots.length) this.#grow(slot);
    this.#slots[slot]!++;
    this.#count++;
    this.#sum += ns;
    if (ns < this.#min) this.#min = ns;
    if (ns > this.#max) this.#max = ns;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds all that another has counted, as if it had been recorded here. */
  merge(other: LatencyRecorder): void {
    if (other.#slots.length > this.#slots.length) this.#grow(other.#slots.length - 1);
    for (let slot = 0; slot < other.#slots.length; slot++) this.#slots[slot]! += other.#slots[slot]!;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /** The duration, in ns, that `percent` (0..100) of all did not exceed. NaN where nothing was recorded. */
  percentile(percent: number): number {
    if (this.#count === 0) return Number.NaN;
    if (percent <= 0) return this.#min;
    if (percent >= 100) return this.#max;
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    let slot = 0;
    for (; slot < this.#slots.length; slot++) {
      seen += this.#slots[slot]!;
      if (seen >= rank) break;
    }
    const middle = (slotFloor(slot) + slotFloor(slot + 1) - 1) / 2;
    return Math.min(Math.max(middle, this.#min), this.#max);
  }

  /** How many durations were below `ns`, exact where `ns` is a slot's border, else within 0.2 % of `ns`. */
  countBelow(ns: number): number {
    if (ns > this.#max) return this.#count;
    let below = 0;
    const end = Math.min(slotOf(ns), this.#slots.length);
    for (let slot = 0; slot < end; slot++) below += this.#slots[slot]!;
    return below;
  }

  summary(): LatencySummary {
    const ms = (ns: number) => ns / NS_PER_MS;
    const empty = this.#count === 0;
    return {
      count: this.#count,
      minMs: empty ? Number.NaN : ms(this.#min),
      meanMs: empty ? Number.NaN : ms(this.#sum / this.#count),
      p50Ms: ms(this.percentile(50)),
      p90Ms: ms(this.percentile(90)),
      p99Ms: ms(this.percentile(99)),
      maxMs: empty ? Number.NaN : ms(this.#max),
    };
  }

  toJSON(): RecorderJson {
    const slots: number[] = [];
    let last = 0;
    this.#slots.forEach((count, slot) => {
      if (count === 0) return;
      slots.push(slot - last, count);
      last = slot;
    });
    const empty = this.#count === 0;
    return {
      unit: 'ns',
      precision: PRECISION_BITS,
      count: this.#count,
      minNs: empty ? 0 : this.#min,
      maxNs: empty ? 0 : this.#max,
      sumNs: this.#sum,
      slots,
    };
  }

  /** Throws RangeError where it was recorded with another precision or is damaged. */
  static fromJSON(json: RecorderJson): LatencyRecorder {
    if (json.unit !== 'ns' || json.precision !== PRECISION_BITS) {
      throw new RangeError(`a recorder of another kind: ${json.unit}, precision ${json.precision}`);
    }
    const recorder = new LatencyRecorder();
    let slot = 0;
    let count = 0;
    for (let i = 0; i + 1 < json.slots.length; i += 2) {
      slot += json.slots[i]!;
      if (!(slot >= 0 && slot <= slotOf(Number.MAX_SAFE_INTEGER))) throw new RangeError(`no such slot: ${slot}`);
      if (slot >= recorder.#slots.length) recorder.#grow(slot);
      recorder.#slots[slot]! += json.slots[i + 1]!;
      count += json.slots[i + 1]!;
    }
    if (count !== json.count) throw new RangeError(`slots hold ${count} of ${json.count} durations`);
    if (count === 0) return recorder;
    recorder.#count = count;
    recorder.#sum = json.sumNs;
    recorder.#min = json.minNs;
    recorder.#max = json.maxNs;
    return recorder;
  }

  #grow(slot: number): void {
    const grown = new Float64Array((Math.floor(slot / SLOTS) + 1) * SLOTS);
    grown.set(this.#slots);
    this.#slots = grown;
  }
}

/** Below 1024 a slot for each value; above, 512 slots from each power of two to the next. */
function slotOf(ns: number): number {
  if (ns < SLOTS * 2) return ns < 0 ? 0 : Math.floor(ns);
  const exponent = ns < 2 ** 32 ? 31 - Math.clz32(ns) : 63 - Math.clz32(ns / 2 ** 32);
  const shift = exponent - PRECISION_BITS;
  return shift * SLOTS + Math.floor(ns / 2 ** shift);
}

/** The lowest value that falls into a slot. */
function slotFloor(slot: number): number {
  if (slot < SLOTS * 2) return slot;
  const shift = Math.floor(slot / SLOTS) - 1;
  return (slot - shift * SLOTS) * 2 ** shift;
}
