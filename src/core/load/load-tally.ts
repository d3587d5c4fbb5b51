import { LatencyRecorder } from '../stats/index.ts';
import type { RequestKind } from './load-operation.ts';
import type { ErrorCount } from './load-source.ts';
import { type Outcome, Series } from './series.ts';

const NS_PER_MS = 1e6;
const LATE_MS = 1;
/** Messages that differ each time (with a revision inside, say) must not fill the memory. */
const MOST_MESSAGES = 100;
const OTHER = 'other errors';

/** What one thread counted in an interval. */
export interface Tallied {
  readonly series: readonly Series[];
  readonly errors: readonly ErrorCount[];
  readonly sent: number;
  readonly late: number;
  readonly dropped: number;
  readonly lateness: LatencyRecorder;
}

/**
 * Counts the requests of a thread. `take()` hands out what was counted and begins anew. Recorders take turns: new ones
 * would be garbage that lives long enough to be collected late, and memory would seem to grow. What was meant to start
 * before `measuredFrom` is not counted.
 */
export class LoadTally {
  /** By performance.now(); nothing counts before it is set. */
  measuredFrom = Number.POSITIVE_INFINITY;
  /** Started and not over; those of the warm-up too. */
  inFlight = 0;
  readonly #kinds: readonly RequestKind[];
  #series: readonly Series[];
  #errors = { fail: new Map<string, number>(), unknown: new Map<string, number>() };
  #sent = 0;
  #late = 0;
  #dropped = 0;
  #lateness = new LatencyRecorder();
  /** Those of the interval before, which may still be looked at. */
  #other: Pick<Tallied, 'series' | 'lateness'>;

  constructor(kinds: readonly RequestKind[]) {
    this.#kinds = kinds;
    this.#series = kinds.map(({ name }) => new Series(name));
    this.#other = { series: kinds.map(({ name }) => new Series(name)), lateness: new LatencyRecorder() };
  }

  get hasWrites(): boolean {
    return this.#kinds.some(({ isWrite }) => isWrite);
  }

  isWrite(kind: number): boolean {
    return this.#kinds[kind]!.isWrite;
  }

  onStarted(startedAt: number): void {
    this.inFlight += 1;
    if (startedAt >= this.measuredFrom) this.#sent += 1;
  }

  onOk(kind: number, startedAt: number, now: number): void {
    this.inFlight -= 1;
    if (startedAt < this.measuredFrom) return;
    const series = this.#series[kind]!;
    series.ok += 1;
    series.latency.record((now - startedAt) * NS_PER_MS);
  }

  onFailed(kind: number, startedAt: number, outcome: Exclude<Outcome, 'ok'>, message: string): void {
    this.inFlight -= 1;
    this.onUnsent(kind, startedAt, outcome, message);
  }

  /** As `onFailed()`, of a request that was never started. */
  onUnsent(kind: number, startedAt: number, outcome: Exclude<Outcome, 'ok'>, message: string): void {
    if (startedAt < this.measuredFrom) return;
    this.#series[kind]![outcome] += 1;
    const counts = this.#errors[outcome];
    const key = counts.size < MOST_MESSAGES || counts.has(message) ? message : OTHER;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  /** Of an open loop: how much later than intended a request was written to its socket. */
  onWritten(intendedAt: number, writtenAt: number): void {
    if (intendedAt < this.measuredFrom) return;
    const latenessMs = writtenAt - intendedAt;
    this.#lateness.record(latenessMs * NS_PER_MS);
    if (latenessMs > LATE_MS) this.#late += 1;
  }

  onDropped(count: number): void {
    this.#dropped += count;
  }

  /** Good until the next call. */
  take(): Tallied {
    const taken = {
      series: this.#series,
      errors: (['fail', 'unknown'] as const).flatMap((outcome) =>
        [...this.#errors[outcome]].map(([message, count]) => ({ message, outcome, count })),
      ),
      sent: this.#sent,
      late: this.#late,
      dropped: this.#dropped,
      lateness: this.#lateness,
    };
    for (const series of this.#other.series) series.clear();
    this.#other.lateness.clear();
    this.#series = this.#other.series;
    this.#lateness = this.#other.lateness;
    this.#other = taken;
    this.#errors = { fail: new Map(), unknown: new Map() };
    this.#sent = 0;
    this.#late = 0;
    this.#dropped = 0;
    return taken;
  }
}

/** Of several sources: those of one sort are one. */
export function addErrors(errors: readonly ErrorCount[]): readonly ErrorCount[] {
  const sums = new Map<string, ErrorCount>();
  for (const error of errors) {
    const key = `${error.outcome} ${error.message}`;
    sums.set(key, { ...error, count: error.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}
