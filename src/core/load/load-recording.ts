import { setTimeout } from 'node:timers/promises';
import type { GeneratorMeter } from './generator-meter.ts';
import { intervalLine } from './interval-line.ts';
import { type IntervalSample, intervalSample, SAMPLE_CSV_HEADER, sampleCsv } from './interval-sample.ts';
import { LoadTotals } from './load-totals.ts';
import type { MeasureLoadOptions } from './measure-load.ts';
import type { ThresholdResult } from './threshold.ts';
import { checkThreshold } from './threshold-check.ts';

export const SAMPLES_FILE = 'samples.jsonl';
const SAMPLES_CSV_FILE = 'samples.csv';

/** All that was counted of a load, from the first send of the measured window to the last outcome. */
export interface MeasuredLoad {
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Until the last send. */
  readonly sendingMs: number;
  readonly totals: LoadTotals;
  /** At the intervals' ends. */
  readonly mostInFlight: number;
  /** The `abort:` threshold that ended the load. */
  readonly missed: ThresholdResult | undefined;
}

type RecordingOptions = Pick<
  MeasureLoadOptions,
  'source' | 'plan' | 'intervalMs' | 'thresholds' | 'run' | 'name' | 'progress' | 'onInterval' | 'onUnwritten'
>;

/** Takes a source's figures every interval, writes them to the run folder and adds them up. */
export class LoadRecording {
  readonly #options: RecordingOptions;
  readonly #meter: GeneratorMeter;
  readonly #end: () => void;
  readonly #totals = new LoadTotals();
  readonly #over = new AbortController();
  #startedAt: Date | undefined;
  #startMs = 0;
  #lastMs = 0;
  #allSentMs: number | undefined;
  #mostInFlight = 0;
  #missed: ThresholdResult | undefined;
  #ticking = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  /** @param end asked for once when the load should end: a threshold was missed, or recording failed */
  constructor(options: RecordingOptions, meter: GeneratorMeter, end: () => void) {
    this.#options = options;
    this.#meter = meter;
    this.#end = end;
  }

  /** The measured window begins now. */
  start(): void {
    this.#startedAt = new Date();
    this.#startMs = performance.now();
    this.#lastMs = this.#startMs;
    this.#meter.start();
    this.#ticking = this.#tick();
  }

  /** Nothing more is sent from now on. */
  allSent(): void {
    this.#allSentMs ??= performance.now();
  }

  /**
   * The load is over. Resolves with its figures, undefined if it was never measured; rejects with what recording
   * failed with.
   */
  async finish(): Promise<MeasuredLoad | undefined> {
    const endMs = performance.now();
    this.#over.abort();
    await this.#ticking;
    if (this.#startedAt === undefined) return undefined;
    if (this.#failure === undefined) await this.#take(endMs);
    if (this.#failure !== undefined) throw this.#failure.error;
    return {
      startedAt: this.#startedAt,
      durationMs: endMs - this.#startMs,
      sendingMs: (this.#allSentMs ?? endMs) - this.#startMs,
      totals: this.#totals,
      mostInFlight: this.#mostInFlight,
      missed: this.#missed,
    };
  }

  async #tick(): Promise<void> {
    const { intervalMs } = this.#options;
    const { signal } = this.#over;
    while (this.#failure === undefined) {
      // On the grid of intervals; those that this process slept through are one.
      const next = (Math.floor((performance.now() - this.#startMs) / intervalMs) + 1) * intervalMs;
      const waitMs = Math.max(0, this.#startMs + next - performance.now());
      await setTimeout(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#take();
    }
  }

  /** One interval, ending now or when the load was over. Never rejects. */
  async #take(endMs?: number): Promise<void> {
    try {
      const figures = await this.#options.source.take();
      const nowMs = Math.max(endMs ?? performance.now(), this.#lastMs);
      const fromMs = this.#lastMs - this.#startMs;
      const toMs = nowMs - this.#startMs;
      this.#lastMs = nowMs;
      this.#totals.add(figures);
      this.#mostInFlight = Math.max(this.#mostInFlight, figures.inFlight);
      const sample = intervalSample(figures, { fromMs, toMs, at: new Date() }, this.#meter.interval(figures));
      // What is left at the very end may be nothing at all.
      if (endMs !== undefined && isEmpty(sample)) return;
      this.#write(sample);
      if (endMs !== undefined) return;
      this.#options.progress.step(intervalLine(sample, this.#options.plan, this.#totals));
      const { series, sent, late, dropped } = figures;
      this.#abortWhereMissed({ series, sent, late, dropped, durationMs: toMs - fromMs });
    } catch (error) {
      this.#failure ??= { error };
      this.#end();
    }
  }

  #write(sample: IntervalSample): void {
    const { onInterval, onUnwritten } = this.#options;
    try {
      this.#append(sample);
    } catch (error) {
      if (onUnwritten === undefined) throw error;
      onUnwritten(error as Error);
    }
    onInterval?.(sample);
  }

  #append(sample: IntervalSample): void {
    const { run, name } = this.#options;
    const file = (ofAll: string) => (name === undefined ? ofAll : `${name}-${ofAll}`);
    run.append(file(SAMPLES_FILE), sample);
    const isFirst = sample.fromMs === 0;
    run.appendRaw(file(SAMPLES_CSV_FILE), `${isFirst ? `${SAMPLE_CSV_HEADER}\n` : ''}${sampleCsv(sample)}\n`);
  }

  #abortWhereMissed(window: Parameters<typeof checkThreshold>[1]): void {
    if (this.#missed !== undefined) return;
    const results = this.#options.thresholds
      .filter(({ abort }) => abort)
      .flatMap((threshold) => checkThreshold(threshold, window));
    // Without an answer in the interval there is no latency to judge yet.
    this.#missed = results.find(({ isMet, actual }) => !isMet && !Number.isNaN(actual));
    if (this.#missed !== undefined) this.#end();
  }
}

function isEmpty({ series, sent, dropped }: IntervalSample): boolean {
  return sent === 0 && dropped === 0 && series.every(({ ok, fail, unknown }) => ok + fail + unknown === 0);
}
