import { Series } from '@etcdperf/core/load';
import { LatencyRecorder } from '@etcdperf/core/stats';
import { EarlyArrivals } from '@etcdperf/core/watches';

const NS_PER_MS = 1e6;
/** An event of a write older than this many is timed from its intended start alone. */
const SLOTS = 1 << 16;
const MASK = SLOTS - 1;
const OPEN = Number.POSITIVE_INFINITY;
const FAILED = Number.NEGATIVE_INFINITY;
const NOBODY = -1;

/**
 * How long events were on their way, each counted from three moments: when its write was intended to start, when it was
 * sent, and when it was acknowledged. An event that is here before the acknowledgement has a negative lag; how much
 * earlier it was is a series of its own, so that nothing is rounded to zero.
 *
 * What many watchers are told of one write in one read is recorded once, with a count. Memory is fixed, but for events
 * whose write is not acknowledged yet.
 */
export class WatchLag {
  /** How many writes have begun. */
  begun = 0;
  /** Events that could be timed from their intended start only: their write never got an answer, or long ago. */
  untimed = 0;
  /** Of all that was taken: lags from the acknowledgement, and how much earlier than it events were. */
  readonly totals = { acknowledged: new LatencyRecorder(), early: new LatencyRecorder() };
  /** How many of the events that were taken were recorded at all: not those of the warm-up. */
  measured = 0;
  readonly #warmupMs: number;
  /** By performance.now(); what was intended to start before is not recorded. */
  #measuredFrom = Number.POSITIVE_INFINITY;
  #oldestOpen = 0;
  readonly #sentAt = new Float64Array(SLOTS);
  readonly #startedAt = new Float64Array(SLOTS);
  /** `OPEN`, `FAILED`, or by performance.now(). */
  readonly #acknowledgedAt = new Float64Array(SLOTS).fill(FAILED);
  readonly #keys = new Int32Array(SLOTS);
  readonly #early = new EarlyArrivals(SLOTS);
  #series = newSeries();
  /** Events of one write in one read, not recorded yet. */
  #sequence = NOBODY;
  #now = 0;
  #startedAtOfRun = 0;
  #count = 0;

  /** @param warmupMs from the intended start of the first write */
  constructor(warmupMs = 0) {
    this.#warmupMs = warmupMs;
  }

  /** A write is sent now. `sequence` counts from 0 without gaps. */
  onSent(sequence: number, startedAt: number, sentAt: number, key: number): void {
    // The load's own border: its first write is due when its warm-up begins.
    if (sequence === 0) this.#measuredFrom = startedAt + this.#warmupMs;
    const slot = sequence & MASK;
    this.#endOldest(sequence - SLOTS);
    this.#startedAt[slot] = startedAt;
    this.#sentAt[slot] = sentAt;
    this.#acknowledgedAt[slot] = OPEN;
    this.#keys[slot] = key;
    this.begun = sequence + 1;
  }

  /** It is answered. */
  onAcknowledged(sequence: number, now: number): void {
    if (this.#isForgotten(sequence)) return;
    this.#record();
    const slot = sequence & MASK;
    this.#acknowledgedAt[slot] = now;
    if (!this.#early.has(slot)) return;
    this.#early.take(slot, (arrivedAt, count) => this.#recordSigned(arrivedAt - now, count));
  }

  /** It failed, or nobody knows. */
  onFailed(sequence: number): void {
    if (this.#isForgotten(sequence)) return;
    this.#record();
    this.#fail(sequence & MASK);
  }

  /** Which key the write was of; of one of the latest. */
  keyOf(sequence: number): number {
    return this.#keys[sequence & MASK]!;
  }

  /** The oldest write whose outcome is open; `begun` if there is none. */
  get oldestOpen(): number {
    while (this.#oldestOpen < this.begun && this.#acknowledgedAt[this.#oldestOpen & MASK] !== OPEN) {
      this.#oldestOpen += 1;
    }
    return this.#oldestOpen;
  }

  /**
   * A watcher has an event.
   *
   * @param sequence of its write; its low 32 bits suffice
   * @param startedAt the intended start of its write
   * @param now when it was read
   */
  onEvent(sequence: number, startedAt: number, now: number): void {
    this.#record();
    this.#sequence = sequence;
    this.#startedAtOfRun = startedAt;
    this.#now = now;
    this.#count = 1;
  }

  /** Another watcher has what `onEvent()` was told last, by the same read. */
  onSameEvent(): void {
    this.#count += 1;
  }

  /** As `onEvent()` for `count` watchers, of a write whose start is not in the event: of one of the latest. */
  onEventOf(sequence: number, now: number, count: number): void {
    if (this.#isForgotten(sequence)) {
      this.untimed += count;
      return;
    }
    this.onEvent(sequence, this.#startedAt[sequence & MASK]!, now);
    this.#count = count;
  }

  /** What was recorded since the last call, in the order of `lagSeries`. */
  take(): readonly [intended: Series, sent: Series, acknowledged: Series, early: Series] {
    this.#record();
    const { intended, sent, acknowledged, early } = this.#series;
    this.totals.acknowledged.merge(acknowledged.latency);
    this.totals.early.merge(early.latency);
    this.measured += intended.ok;
    this.#series = newSeries();
    return [intended, sent, acknowledged, early];
  }

  #record(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    const now = this.#now;
    if (this.#startedAtOfRun < this.#measuredFrom) return;
    add(this.#series.intended, now - this.#startedAtOfRun, count);
    const slot = this.#sequence & MASK;
    // The slot is a later write's when this one is long over.
    if (this.#startedAt[slot] !== this.#startedAtOfRun || this.#acknowledgedAt[slot] === FAILED) {
      this.untimed += count;
      return;
    }
    add(this.#series.sent, now - this.#sentAt[slot]!, count);
    const acknowledgedAt = this.#acknowledgedAt[slot]!;
    if (acknowledgedAt === OPEN) this.#early.add(slot, now, count);
    else this.#recordSigned(now - acknowledgedAt, count);
  }

  #recordSigned(lagMs: number, count: number): void {
    if (lagMs < 0) add(this.#series.early, -lagMs, count);
    else add(this.#series.acknowledged, lagMs, count);
  }

  #isForgotten(sequence: number): boolean {
    return sequence < this.begun - SLOTS;
  }

  #endOldest(sequence: number): void {
    if (sequence < 0 || this.#acknowledgedAt[sequence & MASK] !== OPEN) return;
    this.#record();
    this.#fail(sequence & MASK);
  }

  #fail(slot: number): void {
    this.#acknowledgedAt[slot] = FAILED;
    this.#early.take(slot, (_, count) => {
      this.untimed += count;
    });
  }
}

/** Names of the series. */
export const lagSeries = {
  /** From the intended start. */
  intended: 'delivery',
  /** From when the request was written. */
  sent: 'delivery-from-send',
  /** From the acknowledgement: of events that came after it. */
  acknowledged: 'delivery-after-ack',
  /** Of events that came before the acknowledgement: how long before. */
  early: 'delivery-before-ack',
} as const;

function newSeries() {
  return {
    intended: new Series(lagSeries.intended),
    sent: new Series(lagSeries.sent),
    acknowledged: new Series(lagSeries.acknowledged),
    early: new Series(lagSeries.early),
  };
}

function add(series: Series, lagMs: number, count: number): void {
  series.ok += count;
  series.latency.record(lagMs * NS_PER_MS, count);
}
