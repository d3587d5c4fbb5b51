import { PRECISION_BITS, SLOTS, slotFloor, slotMiddle, slotOf } from './latency-slots.ts';

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

/** All figures of a benchmark's report. Every figure but `count` is NaN (in JSON: null) where nothing was recorded. */
export interface LatencyFigures {
  readonly count: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly stddevMs: number;
  readonly p10Ms: number;
  readonly p25Ms: number;
  readonly p50Ms: number;
  readonly p75Ms: number;
  readonly p90Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly p9999Ms: number;
  readonly maxMs: number;
}

/** A recorder as plain JSON: small, and mergeable with others. */
export interface RecorderJson {
  readonly unit: 'ns';
  /** Slots are 1/2^precision of their value wide. */
  readonly precision: number;
  readonly count: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly sumNs: number;
  /** Pairs: how many slots to go on from the last one, and the count there. */
  readonly slots: readonly number[];
}

const NS_PER_MS = 1e6;
const NONE = new Int32Array(0);
/** The percentiles of `LatencyFigures`, in its order. */
const FIGURES = [0, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

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
  /** See `#filledSlots()`: as they were when so many durations were counted. */
  #filled = NONE;
  #filledCount = 0;

  /**
   * @param ns whole nanoseconds, or a fraction that is cut off. Throws RangeError for NaN and beyond 2^53.
   * @param times how often, all at once
   */
  record(ns: number, times = 1): void {
    if (!(ns <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`not a duration in nanoseconds: ${ns}`);
    const slot = slotOf(ns, PRECISION_BITS);
    if (slot >= this.#slots.length) this.#grow(slot);
    this.#slots[slot]! += times;
    this.#count += times;
    this.#sum += ns * times;
    if (ns < this.#min) this.#min = ns;
    if (ns > this.#max) this.#max = ns;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds all that another has counted, as if it had been recorded here. */
  merge(other: LatencyRecorder): void {
    if (other.#slots.length > this.#slots.length) this.#grow(other.#slots.length - 1);
    for (const slot of other.#filledSlots()) this.#slots[slot]! += other.#slots[slot]!;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Forgets all, and keeps its memory for what comes. */
  clear(): void {
    this.#slots.fill(0);
    this.#count = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
    this.#sum = 0;
    this.#filled = NONE;
    this.#filledCount = 0;
  }

  /** The duration, in ns, that `percent` (0..100) of all did not exceed. NaN where nothing was recorded. */
  percentile(percent: number): number {
    return this.#percentiles([percent])[0]!;
  }

  /** How many durations were below `ns`, exact where `ns` is a slot's border, else within 0.2 % of `ns`. */
  countBelow(ns: number): number {
    if (ns > this.#max) return this.#count;
    let below = 0;
    const end = slotOf(ns, PRECISION_BITS);
    for (const slot of this.#filledSlots()) {
      if (slot >= end) break;
      below += this.#slots[slot]!;
    }
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

  figures(): LatencyFigures {
    const of = this.#percentiles(FIGURES).map(roundedMs);
    return {
      count: this.#count,
      minMs: of[0]!,
      meanMs: roundedMs(this.#sum / this.#count),
      stddevMs: roundedMs(this.#deviation()),
      p10Ms: of[1]!,
      p25Ms: of[2]!,
      p50Ms: of[3]!,
      p75Ms: of[4]!,
      p90Ms: of[5]!,
      p95Ms: of[6]!,
      p99Ms: of[7]!,
      p999Ms: of[8]!,
      p9999Ms: of[9]!,
      maxMs: of[10]!,
    };
  }

  toJSON(): RecorderJson {
    return this.#json(PRECISION_BITS);
  }

  /** The same with slots of 1/2^precision of their value: smaller, for what is kept many times. */
  toCoarseJSON(precision: number): RecorderJson {
    return this.#json(precision);
  }

  /** Throws RangeError where it was recorded with a higher precision or is damaged. */
  static fromJSON(json: RecorderJson): LatencyRecorder {
    const { precision } = json;
    if (json.unit !== 'ns' || !Number.isInteger(precision) || precision < 1 || precision > PRECISION_BITS) {
      throw new RangeError(`a recorder of another kind: ${json.unit}, precision ${precision}`);
    }
    const recorder = new LatencyRecorder();
    const lastSlot = slotOf(Number.MAX_SAFE_INTEGER, precision);
    let slot = 0;
    let count = 0;
    for (let i = 0; i + 1 < json.slots.length; i += 2) {
      slot += json.slots[i]!;
      if (!(slot >= 0 && slot <= lastSlot)) throw new RangeError(`no such slot: ${slot}`);
      // The middle of a wide slot may lie outside of what was recorded.
      const middle = Math.min(Math.max(slotMiddle(slot, precision), json.minNs), json.maxNs);
      const own = slotOf(middle, PRECISION_BITS);
      if (own >= recorder.#slots.length) recorder.#grow(own);
      recorder.#slots[own]! += json.slots[i + 1]!;
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

  #json(precision: number): RecorderJson {
    const empty = this.#count === 0;
    const pairs: number[] = [];
    let last = 0;
    for (const slot of this.#filledSlots()) {
      const count = this.#slots[slot]!;
      const index = precision === PRECISION_BITS ? slot : slotOf(slotFloor(slot, PRECISION_BITS), precision);
      if (index === last && pairs.length > 0) pairs[pairs.length - 1]! += count;
      else pairs.push(index - last, count);
      last = index;
    }
    return {
      unit: 'ns',
      precision,
      count: this.#count,
      minNs: empty ? 0 : Math.floor(this.#min),
      maxNs: empty ? 0 : Math.ceil(this.#max),
      sumNs: Math.round(this.#sum),
      slots: pairs,
    };
  }

  /** @param percents ascending: the slots are looked through once */
  #percentiles(percents: readonly number[]): number[] {
    const filled = this.#filledSlots();
    let index = 0;
    let seen = this.#slots[filled[0] ?? 0]!;
    return percents.map((percent) => {
      if (this.#count === 0) return Number.NaN;
      if (percent <= 0) return this.#min;
      if (percent >= 100) return this.#max;
      const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
      while (seen < rank) seen += this.#slots[filled[++index]!]!;
      return this.#middle(filled[index]!);
    });
  }

  /** Slots that hold something, ascending: few of all there are, and looked for once for all figures of a report. */
  #filledSlots(): Int32Array {
    if (this.#filledCount === this.#count) return this.#filled;
    const first = slotOf(this.#min, PRECISION_BITS);
    const last = slotOf(this.#max, PRECISION_BITS);
    const filled = new Int32Array(last - first + 1);
    let found = 0;
    for (let slot = first; slot <= last; slot++) if (this.#slots[slot]! > 0) filled[found++] = slot;
    this.#filled = filled.subarray(0, found);
    this.#filledCount = this.#count;
    return this.#filled;
  }

  /** What a duration in a slot is taken for. */
  #middle(slot: number): number {
    return Math.min(Math.max(slotMiddle(slot, PRECISION_BITS), this.#min), this.#max);
  }

  /** Standard deviation, from the slots' middles. */
  #deviation(): number {
    const mean = this.#sum / this.#count;
    let squares = 0;
    for (const slot of this.#filledSlots()) squares += this.#slots[slot]! * (this.#middle(slot) - mean) ** 2;
    return Math.sqrt(squares / this.#count);
  }

  #grow(slot: number): void {
    const grown = new Float64Array((Math.floor(slot / SLOTS) + 1) * SLOTS);
    grown.set(this.#slots);
    this.#slots = grown;
  }
}

/** Whole nanoseconds are as fine as clocks go; the digits of a division behind them only fill files. */
function roundedMs(ns: number): number {
  return Math.round(ns) / NS_PER_MS;
}
