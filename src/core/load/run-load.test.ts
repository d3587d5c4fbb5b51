import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InputError, InterruptedError, OperationError } from '../errors/index.ts';
import { createRun, listRuns, openRun, type Run, readEvents } from '../runs/index.ts';
import { LatencyRecorder } from '../stats/index.ts';
import type { IntervalSample } from './interval-sample.ts';
import type { LoadFigures, LoadPhase, LoadSource } from './load-source.ts';
import { measureLoad } from './measure-load.ts';
import { type RunLoadOptions, runLoad } from './run-load.ts';
import { Series } from './series.ts';
import { parseThreshold } from './threshold.ts';

let runsDir: string;
let run: Run;
beforeEach(async () => {
  runsDir = mkdtempSync(join(tmpdir(), 'etcdperf-load-'));
  run = await createRun({ command: 'bench:put', runsDir });
});
afterEach(() => rmSync(runsDir, { recursive: true, force: true }));

const ms = (value: number) => value * 1e6;

/** What each interval holds: latencies of puts in ms, and other counts. */
interface Interval extends Partial<Omit<LoadFigures, 'series' | 'lateness'>> {
  readonly puts?: readonly number[];
  readonly fail?: number;
  readonly unknown?: number;
  readonly lateness?: readonly number[];
}

type End = 'with the last interval' | 'when aborted' | Error;

/** Makes no requests, but counts as a load engine does: one interval after the other, as often as it is asked. */
class ScriptedSource implements LoadSource {
  readonly told: string[] = [];
  readonly #intervals: Interval[];
  readonly #end: End;
  readonly #taken = Promise.withResolvers<void>();
  #isMeasured = false;

  constructor(intervals: readonly Interval[], end: End = 'with the last interval') {
    this.#intervals = [...intervals];
    this.#end = end;
    if (intervals.length === 0) this.#taken.resolve();
  }

  async prepare(): Promise<void> {
    this.told.push('prepare');
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    this.told.push('run');
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve());
    });
    void aborted.then(() => this.told.push('aborted'));
    this.#isMeasured = true;
    onPhase('measured');
    await Promise.race([aborted, ...(this.#end === 'when aborted' ? [] : [this.#taken.promise])]);
    onPhase('done');
    if (this.#end instanceof Error && !signal.aborted) throw this.#end;
  }

  async take(): Promise<LoadFigures> {
    const interval = (this.#isMeasured ? this.#intervals.shift() : undefined) ?? {};
    if (this.#intervals.length === 0) this.#taken.resolve();
    const { puts = [], fail = 0, unknown = 0, lateness = [], ...rest } = interval;
    const series = new Series('put');
    series.ok = puts.length;
    series.fail = fail;
    series.unknown = unknown;
    for (const latency of puts) series.latency.record(ms(latency));
    const late = new LatencyRecorder();
    for (const one of lateness) late.record(ms(one));
    return {
      series: [series],
      errors: [],
      sent: puts.length + fail + unknown,
      late: 0,
      dropped: 0,
      lateness: late,
      inFlight: 0,
      counters: {},
      threadCpuMs: 0,
      eventLoopLagP99Ms: 0,
      ...rest,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.told.push('disposed');
  }
}

function options(source: LoadSource, more: Partial<RunLoadOptions> = {}): RunLoadOptions {
  return {
    command: 'bench:put',
    plan: {
      pace: { kind: 'closed' },
      end: { kind: 'total', requests: 10 },
      warmupMs: 0,
      connections: 1,
      clients: 1,
      maxInFlight: 1,
      timeoutMs: 5000,
      threads: 1,
      seed: 1,
    },
    endpoints: ['http://127.0.0.1:2379'],
    source,
    members: { start: async () => undefined, finish: async () => [] },
    findings: [],
    thresholds: [],
    intervalMs: 10,
    run,
    progress: { step: () => undefined },
    signal: new AbortController().signal,
    ...more,
  };
}

async function samples(): Promise<IntervalSample[]> {
  const all: IntervalSample[] = [];
  for await (const sample of readEvents<IntervalSample>(run.dir, 'samples.jsonl')) all.push(sample);
  return all;
}

describe('a load that ends as planned', () => {
  test('is the sum of its intervals, each of them in the folder', async () => {
    const source = new ScriptedSource([
      { puts: [1, 2, 3], fail: 1, errors: [{ message: 'too many requests', outcome: 'fail', count: 1 }] },
      { puts: [], inFlight: 1 },
      {
        puts: [100, 2],
        unknown: 2,
        counters: { keys: 7 },
        errors: [{ message: 'lost', outcome: 'unknown', count: 2 }],
      },
    ]);
    const live: IntervalSample[] = [];
    const report = await runLoad(options(source, { onInterval: (sample) => live.push(sample) }));

    expect(report).toMatchObject({
      command: 'bench:put',
      runFolder: run.dir,
      ending: { kind: 'complete' },
      sent: 8,
      counters: {},
      missedRate: undefined,
      lateness: undefined,
    });
    const [put] = report.series;
    expect(put).toMatchObject({ name: 'put', ok: 5, fail: 1, unknown: 2 });
    expect(put!.latency).toMatchObject({ count: 5, minMs: 1, maxMs: 100, meanMs: 21.6 });
    expect(put!.latency.p50Ms).toBeCloseTo(2, 1);
    expect(LatencyRecorder.fromJSON(put!.histogram).figures()).toEqual(put!.latency);
    expect(put!.perSec).toBeCloseTo(5000 / report.durationMs, 0);
    expect(report.errors).toEqual([
      { message: 'lost', outcome: 'unknown', count: 2 },
      { message: 'too many requests', outcome: 'fail', count: 1 },
    ]);

    const written = await samples();
    expect(written).toEqual(JSON.parse(JSON.stringify(live)));
    expect(written.map((sample) => sample.series[0]!.ok)).toEqual([3, 0, 2]);
    expect(written.map((sample) => sample.fromMs)).toEqual([0, ...written.map((sample) => sample.toMs).slice(0, -1)]);
    const merged = new LatencyRecorder();
    for (const sample of written) merged.merge(LatencyRecorder.fromJSON(sample.series[0]!.histogram));
    expect(merged.count).toBe(5);
    expect(merged.percentile(99) / 1e6).toBeCloseTo(100, 0);

    const csv = readFileSync(join(run.dir, 'samples.csv'), 'utf8').trimEnd().split('\n');
    expect(csv).toHaveLength(4);
    expect(csv[0]).toMatch(/^at,from_ms,to_ms,series,ok,fail,unknown,per_sec,min_ms/);
    expect(csv[2]).toMatch(/,put,0,0,0,0,,,,,,,,/);
    expect(new Set(csv.map((line) => line.split(',').length)).size).toBe(1);

    const folder = await openRun(run.dir);
    expect(folder.manifest.status).toBe('done');
    expect(await folder.result()).toEqual(JSON.parse(JSON.stringify(report)));
    expect(source.told).toEqual(['prepare', 'run']);
  });

  test('members are looked at before the first request and after the last', async () => {
    const source = new ScriptedSource([{ puts: [1] }]);
    const members = {
      start: async () => void source.told.push('members started'),
      finish: async () => {
        source.told.push('members finished');
        return [];
      },
    };
    await runLoad(options(source, { members }));
    expect(source.told).toEqual(['prepare', 'members started', 'run', 'members finished']);
  });

  test('with a warm-up, when it is over; its time is not part of the window', async () => {
    const warm = Promise.withResolvers<void>();
    const source = new ScriptedSource([{ puts: [1] }]);
    const begin = source.run.bind(source);
    source.run = async (signal, onPhase) => {
      await warm.promise;
      source.told.push('warm');
      await begin(signal, onPhase);
    };
    const members = { start: async () => void source.told.push('members started'), finish: async () => [] };
    const plan = { ...options(source).plan, warmupMs: 500 };
    const beganAt = performance.now();
    const running = runLoad(
      options(source, {
        members,
        plan,
        progress: { step: (text) => /warming up/.test(text) && setTimeout(warm.resolve, 50) },
      }),
    );
    const report = await running;
    expect(source.told).toEqual(['prepare', 'warm', 'run', 'members started']);
    expect(report.durationMs).toBeLessThan(performance.now() - beganAt - 45);
    expect((await samples())[0]!.fromMs).toBe(0);
  });

  test('a rate that was not held is told, with what was reached', async () => {
    const source = new ScriptedSource([
      { puts: [1, 1], lateness: [0.1, 8], late: 1 },
      { puts: [1], dropped: 2, lateness: [0.1] },
    ]);
    const plan = { ...options(source).plan, pace: { kind: 'open' as const, ratePerSec: 1_000_000 } };
    const report = await runLoad(options(source, { plan }));
    expect(report).toMatchObject({ late: 1, dropped: 2, missedRate: { askedPerSec: 1_000_000 } });
    expect(report.missedRate!.reachedPerSec).toBeCloseTo(3000 / (report.durationMs - report.drainMs), 0);
    expect(report.lateness).toMatchObject({ count: 3, maxMs: 8 });
  });

  test('thresholds are judged by the whole, and all of them are told', async () => {
    const thresholds = ['p99<50ms', 'put.mean<1s', 'fail<1', 'ok>=40%', 'late<1'].map(parseThreshold);
    const source = new ScriptedSource([{ puts: [1, 100] }, { fail: 2 }]);
    const report = await runLoad(options(source, { thresholds }));
    expect(report.ending.kind).toBe('complete');
    expect(report.thresholds.map(({ text, isMet }) => [text, isMet])).toEqual([
      ['p99<50ms', false],
      ['put.mean<1s', true],
      ['fail<1', false],
      ['ok>=40%', true],
      ['late<1', true],
    ]);
    expect((await openRun(run.dir)).manifest.status).toBe('done');
  });

  test('what is odd in the plan is found', async () => {
    const source = new ScriptedSource([{ puts: [1] }]);
    const plan = { ...options(source).plan, connections: 3 };
    const report = await runLoad(options(source, { plan, findings: [{ kind: 'quota', message: 'nearly full' }] }));
    expect(report.findings.map(({ message }) => message)).toEqual([
      'nearly full',
      '1 of 3 connections carry requests, 2 stay idle',
    ]);
  });
});

describe('two loads of one run', () => {
  test('leave it open, and have samples of their own', async () => {
    for (const name of ['ramp', undefined]) {
      const source = new ScriptedSource([
        { puts: [1], counters: { puts: 1 } },
        { puts: [2], counters: { puts: 2 } },
      ]);
      const report = await measureLoad({ ...options(source), ...(name !== undefined && { name }) });
      expect(report.ending).toEqual({ kind: 'complete' });
      expect(run.manifest.status).toBe('running');
    }
    expect((await samples()).map(({ counters }) => counters)).toEqual([{ puts: 1 }, { puts: 2 }]);
    const [ramp, steady] = ['ramp-samples.csv', 'samples.csv'].map((file) =>
      readFileSync(join(run.dir, file), 'utf8').trimEnd().split('\n'),
    );
    expect(ramp).toHaveLength(3);
    expect(steady![0]).toBe(ramp![0]);
    expect(await (await openRun(run.dir)).result()).toBeUndefined();
  });

  test('a planned end that somebody tells is complete', async () => {
    const end = new AbortController();
    const source = new ScriptedSource([{ puts: [1] }, { puts: [2] }], 'when aborted');
    const plan = { ...options(source).plan, end: { kind: 'open' as const } };
    const told: string[] = [];
    const report = await measureLoad(
      options(source, {
        plan,
        endSignal: end.signal,
        onInterval: () => end.abort(),
        progress: { step: (text) => void told.push(text) },
      }),
    );
    expect(report.ending).toEqual({ kind: 'complete' });
    expect(source.told).toContain('aborted');
    expect(told.some((line) => /^\d+(\.\d+)? s: /.test(line))).toBe(true);
  });
});

describe('a load that ends early', () => {
  test('by Ctrl-C: what was measured is kept', async () => {
    const interruption = new AbortController();
    const source = new ScriptedSource([{ puts: [1] }, { puts: [2] }], 'when aborted');
    const report = await runLoad(
      options(source, {
        signal: interruption.signal,
        onInterval: () => interruption.abort(new InterruptedError()),
      }),
    );
    expect(report.ending).toEqual({ kind: 'interrupted' });
    expect(report.series[0]!.ok).toBe(2);
    expect(source.told).toContain('aborted');
    const folder = await openRun(run.dir);
    expect(folder.manifest.status).toBe('interrupted');
    expect(await folder.result()).toMatchObject({ ending: { kind: 'interrupted' } });
  });

  test('by Ctrl-C before anything was measured: there is no report', async () => {
    const interruption = new AbortController();
    const source = new ScriptedSource([]);
    source.run = (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    const plan = { ...options(source).plan, warmupMs: 500 };
    const running = runLoad(
      options(source, {
        plan,
        signal: interruption.signal,
        progress: {
          step: (text) => /warming up/.test(text) && setImmediate(() => interruption.abort(new InterruptedError())),
        },
      }),
    );
    await expect(running).rejects.toThrow(InterruptedError);
    const folder = await openRun(run.dir);
    expect(folder.manifest.status).toBe('interrupted');
    expect(await folder.result()).toBeUndefined();
  });

  test('as soon as an interval misses an abort threshold; others wait for the end', async () => {
    const thresholds = ['abort:p99<50ms', 'p50<1ms', 'abort:fail<1'].map(parseThreshold);
    // An interval without an answer has no latency that could miss anything.
    const source = new ScriptedSource([{ puts: [1] }, { puts: [] }, { puts: [60] }], 'when aborted');
    const report = await runLoad(options(source, { thresholds }));
    expect(report.ending).toEqual({ kind: 'aborted', threshold: 'abort:p99<50ms' });
    expect(report.thresholds).toMatchObject([
      { text: 'abort:p99<50ms', actual: expect.closeTo(60, 0), isMet: false },
      { text: 'p50<1ms', isMet: false },
      { text: 'abort:fail<1', actual: 0, isMet: true },
    ]);
    expect((await samples()).length).toBe(3);
    expect((await openRun(run.dir)).manifest.status).toBe('done');
  });

  test('because going on makes no sense: with its reason, and what was measured', async () => {
    const full = new OperationError('etcdserver: mvcc: database space exceeded', {
      where: 'http://127.0.0.1:2379',
      hint: 'compact and defragment',
    });
    const report = await runLoad(options(new ScriptedSource([{ puts: [1], fail: 3 }], full)));
    expect(report.ending).toEqual({
      kind: 'stopped',
      reason: 'http://127.0.0.1:2379: etcdserver: mvcc: database space exceeded',
      hint: 'compact and defragment',
    });
    expect(report.series[0]).toMatchObject({ ok: 1, fail: 3 });
    expect((await openRun(run.dir)).manifest.status).toBe('failed');
  });
});

test('SIGKILL leaves a folder that can be read up to the last interval', async () => {
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    import { createRun } from ${module('../runs/index.ts')};
    import { runLoad } from ${module('./run-load.ts')};
    import { Series } from ${module('./series.ts')};
    import { LatencyRecorder } from ${module('../stats/index.ts')};
    const counts = { errors: [], sent: 1, late: 0, dropped: 0, inFlight: 0, counters: {}, threadCpuMs: 0, eventLoopLagP99Ms: 0 };
    const source = {
      prepare: async () => {},
      run: async (signal, onPhase) => { onPhase('measured'); await new Promise(() => {}); },
      take: async () => {
        const put = new Series('put');
        put.ok = 1;
        put.latency.record(1e6);
        return { series: [put], lateness: new LatencyRecorder(), ...counts };
      },
    };
    const run = await createRun({ command: 'bench:put', runsDir: ${JSON.stringify(runsDir)} });
    await runLoad({
      command: 'bench:put', endpoints: [], source, run, findings: [], thresholds: [], intervalMs: 2,
      plan: ${JSON.stringify(options(new ScriptedSource([])).plan)},
      members: { start: async () => {}, finish: async () => [] },
      progress: { step: () => {} },
      signal: new AbortController().signal,
      onInterval: () => process.stdout.write('.'),
    });
  `;
  const child = spawn(process.execPath, ['--conditions=etcdperf-source', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = 0;
  child.stdout.on('data', (dots: Buffer) => {
    told += dots.length;
  });
  await vi.waitFor(() => expect(told).toBeGreaterThan(50), { timeout: 30_000, interval: 10 });
  child.kill('SIGKILL');
  await once(child, 'close');

  const [folder] = (await listRuns(runsDir)).filter(({ dir }) => dir !== run.dir);
  expect(folder!.manifest.status).toBe('running');
  const all: IntervalSample[] = [];
  for await (const sample of folder!.events<IntervalSample>('samples.jsonl')) all.push(sample);
  expect(all.length).toBeGreaterThanOrEqual(told);
  expect(all.every((sample) => LatencyRecorder.fromJSON(sample.series[0]!.histogram).count === 1)).toBe(true);
  expect(readFileSync(join(folder!.dir, 'samples.csv'), 'utf8').split('\n').length).toBeGreaterThan(told);
});

describe('what can not be measured', () => {
  test('a source that can not be prepared is no run', async () => {
    const source = new ScriptedSource([]);
    source.prepare = async () => {
      throw new OperationError('connection refused');
    };
    await expect(runLoad(options(source))).rejects.toThrow('connection refused');
    expect(source.told).toEqual([]);
    expect((await openRun(run.dir)).manifest.status).toBe('failed');
  });

  test('a threshold on a series that there is none of is refused before the first request', async () => {
    const source = new ScriptedSource([{ puts: [1] }]);
    const running = runLoad(options(source, { thresholds: [parseThreshold('putt.p99<1s')] }));
    await expect(running).rejects.toThrow(InputError);
    await expect(running).rejects.toMatchObject({ hint: expect.stringContaining("'put'") });
    expect(source.told).toEqual(['prepare']);
  });

  test('unless the source has that series later', async () => {
    const source = Object.assign(new ScriptedSource([{ puts: [1] }]), { laterSeries: ['expiry'] });
    const report = await runLoad(options(source, { thresholds: [parseThreshold('expiry.p99<1s')] }));
    // It never came, and so it meets nothing.
    expect(report.thresholds).toMatchObject([{ series: 'expiry', actual: Number.NaN, isMet: false }]);
  });

  test('a folder that can not be written any more ends the load', async () => {
    const source = new ScriptedSource([{ puts: [1] }, { puts: [1] }], 'when aborted');
    rmSync(run.dir, { recursive: true });
    await expect(runLoad(options(source))).rejects.toMatchObject({ where: join(run.dir, 'samples.jsonl') });
    expect(source.told).toContain('aborted');
    expect(readdirSync(runsDir)).toEqual([]);
  });

  test('a bug is not taken for the end of a load', async () => {
    await expect(
      runLoad(options(new ScriptedSource([{ puts: [1] }], new TypeError('x is undefined')))),
    ).rejects.toThrow('x is undefined');
    expect((await openRun(run.dir)).manifest.status).toBe('failed');
  });
});
