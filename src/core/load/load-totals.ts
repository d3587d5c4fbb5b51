import { LatencyRecorder } from '../stats/index.ts';
import type { ErrorCount, LoadFigures } from './load-source.ts';
import { Series } from './series.ts';

/** Sorts of failures that are told apart; the rest is one more, so that a run of days doesn't collect them all. */
const MAX_ERRORS = 50;

/** The sum of all that a source counted, interval by interval. Its size depends on latencies' range alone. */
export class LoadTotals {
  readonly #series = new Map<string, Series>();
  readonly #errors = new Map<string, ErrorCount>();
  readonly lateness = new LatencyRecorder();
  sent = 0;
  late = 0;
  dropped = 0;
  counters: Readonly<Record<string, number>> = {};

  add(figures: LoadFigures): void {
    for (const series of figures.series) {
      const total = this.#series.get(series.name) ?? new Series(series.name);
      this.#series.set(series.name, total);
      total.merge(series);
    }
    for (const error of figures.errors) this.#addError(error);
    this.lateness.merge(figures.lateness);
    this.sent += figures.sent;
    this.late += figures.late;
    this.dropped += figures.dropped;
    this.counters = figures.counters;
  }

  get series(): readonly Series[] {
    return [...this.#series.values()];
  }

  /** The most frequent first. */
  get errors(): readonly ErrorCount[] {
    return [...this.#errors.values()].sort((a, b) => b.count - a.count);
  }

  #addError({ message, outcome, count }: ErrorCount): void {
    const isKnown = this.#errors.has(`${outcome} ${message}`);
    const shown = isKnown || this.#errors.size < MAX_ERRORS ? message : 'others';
    const key = `${outcome} ${shown}`;
    this.#errors.set(key, { message: shown, outcome, count: count + (this.#errors.get(key)?.count ?? 0) });
  }
}
