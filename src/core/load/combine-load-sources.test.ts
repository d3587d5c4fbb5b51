import { expect, test } from 'vitest';
import { OperationError } from '../errors/index.ts';
import { LatencyRecorder } from '../stats/index.ts';
import { combineLoadSources } from './combine-load-sources.ts';
import type { LoadPhase, LoadSource } from './load-source.ts';
import { Series } from './series.ts';

/** A source that stands until it is told to end, and writes down what happens to it. */
class Standing implements LoadSource {
  readonly name: string;
  readonly log: string[];
  readonly #end: Promise<void> | undefined;

  /** @param end when it is over by itself */
  constructor(name: string, log: string[], end?: Promise<void>) {
    this.name = name;
    this.log = log;
    this.#end = end;
  }

  async prepare(): Promise<void> {
    this.log.push(`${this.name} prepared`);
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    this.log.push(`${this.name} runs`);
    onPhase('measured');
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve());
    });
    await Promise.race([aborted, ...(this.#end === undefined ? [] : [this.#end])]);
    onPhase('done');
    this.log.push(`${this.name} over`);
  }

  async take() {
    const series = new Series(this.name);
    series.ok = 1;
    const lateness = new LatencyRecorder();
    lateness.record(5);
    const counters = { [`${this.name}Count`]: 7 };
    const counts = { sent: 1, late: 2, dropped: 3, inFlight: 4, threadCpuMs: 5, eventLoopLagP99Ms: 6 };
    return { series: [series], errors: [], lateness, counters, ...counts };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.log.push(`${this.name} gone`);
  }
}

test('the first leads: the others begin with it, and end with it', async () => {
  const log: string[] = [];
  const end = Promise.withResolvers<void>();
  const phases: LoadPhase[] = [];
  const source = combineLoadSources([new Standing('a', log, end.promise), new Standing('b', log)]);
  await source.prepare(new AbortController().signal);
  const run = source.run(new AbortController().signal, (phase) => void phases.push(phase));
  expect(log).toEqual(['a prepared', 'b prepared', 'a runs', 'b runs']);
  end.resolve();
  await run;
  expect(log.slice(4)).toEqual(['a over', 'b over']);
  expect(phases).toEqual(['measured', 'done']);
  await source[Symbol.asyncDispose]();
  expect(log.slice(6)).toEqual(['a gone', 'b gone']);
});

test('one that is over early leaves the others alone; a signal ends all', async () => {
  const log: string[] = [];
  const abort = new AbortController();
  const source = combineLoadSources([new Standing('a', log), new Standing('b', log, Promise.resolve())]);
  const run = source.run(abort.signal, () => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(['a runs', 'b runs', 'b over']);
  abort.abort();
  await run;
  expect(log.at(-1)).toBe('a over');
});

test('what one fails with ends all of them', async () => {
  const log: string[] = [];
  const failing = Promise.reject(new OperationError('no more'));
  const source = combineLoadSources([new Standing('a', log), new Standing('b', log, failing)]);
  await expect(source.run(new AbortController().signal, () => undefined)).rejects.toThrow('no more');
  expect(log).toEqual(['a runs', 'b runs', 'a over']);
});

test('figures are added up', async () => {
  const figures = await combineLoadSources([new Standing('a', []), new Standing('b', [])]).take();
  expect(figures.series.map(({ name, ok }) => [name, ok])).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
  expect(figures).toMatchObject({ sent: 2, late: 4, dropped: 6, inFlight: 8, threadCpuMs: 10, eventLoopLagP99Ms: 6 });
  expect(figures.counters).toEqual({ aCount: 7, bCount: 7 });
  expect(figures.lateness.count).toBe(2);
});
