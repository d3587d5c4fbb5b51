import type { IntervalSample, LoadReport } from '@etcdperf/core/load';
import { csvFields } from '../csv/csv-fields.ts';
import type { CsvFile } from '../csv/csv-file.ts';
import { SpanBuilder, spanOfReport } from '../csv/csv-span.ts';
import type { CsvSettings } from '../driver-settings.ts';
import type { DriverMetrics } from '../metrics/driver-metrics.ts';
import { addCounters } from './add-counters.ts';

export type DriverPhase = 'load' | 'steady';

interface RecorderParts {
  readonly csv: { readonly file: CsvFile; readonly settings: CsvSettings } | undefined;
  readonly metrics: DriverMetrics | undefined;
  readonly keySpace: number;
  /** The results file can't be written any more. */
  readonly onCsvProblem: (problem: string) => void;
}

/** Writes what is measured to where it is looked for while the load runs: the results file, /metrics. */
export class DriverRecorder {
  readonly #parts: RecorderParts;
  readonly #span = new SpanBuilder();
  #nextRowMs: number;
  #isProblemTold = false;
  /** Of phases that are over. */
  #countersBefore: Readonly<Record<string, number>> = {};
  #counters: Readonly<Record<string, number>> = {};

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#nextRowMs = this.#statsIntervalMs;
  }

  /** Of this process, all phases. */
  get counters(): Readonly<Record<string, number>> {
    return addCounters(this.#countersBefore, this.#counters);
  }

  begin(phase: DriverPhase): void {
    this.#parts.metrics?.enter(phase);
    this.#countersBefore = this.counters;
    this.#counters = {};
  }

  interval(phase: DriverPhase, sample: IntervalSample): void {
    this.#counters = withTime(phase, sample.counters, sample.toMs);
    this.#parts.metrics?.add(sample);
    if (phase !== 'steady') return;
    this.#span.add(sample);
    if (this.#span.endMs + this.#earlyMs >= this.#nextRowMs) this.#intervalRow();
  }

  /** A phase is over. */
  end(phase: DriverPhase, report: LoadReport): void {
    this.#counters = withTime(phase, report.counters, report.durationMs);
    if (phase === 'load') this.#row('pattern-ramp', spanOfReport(report));
    else {
      // What came after the last interval.
      if (this.#parts.csv?.settings.statsIntervalMs !== undefined) this.#intervalRow();
      this.#row('pattern-summary', spanOfReport(report));
    }
  }

  get #statsIntervalMs(): number {
    return this.#parts.csv?.settings.statsIntervalMs ?? Number.POSITIVE_INFINITY;
  }

  /** Timers may be a little early: a sample after 2999 ms is the one of the third second. */
  get #earlyMs(): number {
    return (this.#parts.csv?.settings.statsIntervalMs ?? 0) / 20;
  }

  #intervalRow(): void {
    const span = this.#span.take();
    if (span !== undefined) this.#row('pattern-interval', span);
    const intervalMs = this.#statsIntervalMs;
    this.#nextRowMs = (Math.floor((this.#span.endMs + this.#earlyMs) / intervalMs) + 1) * intervalMs;
  }

  #row(test: Parameters<typeof csvFields>[0], span: Parameters<typeof csvFields>[1]): void {
    const { csv, keySpace, onCsvProblem } = this.#parts;
    if (csv === undefined) return;
    csv.file.append(csvFields(test, span, keySpace, csv.settings.parameters));
    if (csv.file.problem === undefined || this.#isProblemTold) return;
    this.#isProblemTold = true;
    onCsvProblem(csv.file.problem);
  }
}

/** A run that is taken up lasts no longer for it: how long it lasted is counted, too. */
function withTime(phase: DriverPhase, counters: Readonly<Record<string, number>>, ms: number) {
  return phase === 'load' ? counters : { ...counters, steadyMs: Math.round(ms) };
}
