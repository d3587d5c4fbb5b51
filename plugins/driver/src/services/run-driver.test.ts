import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, InterruptedError } from '@etcdperf/core/errors';
import { type IntervalSample, parseThreshold } from '@etcdperf/core/load';
import { openRun, readEvents } from '@etcdperf/core/runs';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import type { WorkloadParts } from '@etcdperf/core/workload';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type DriveOptions, driveWorkload, testFolder } from '../testing/drive-workload.ts';
import { readCsv } from '../testing/parse-csv.ts';
import { exitCodeOfDriver } from './exit-code-of-driver.ts';

const SOON = { timeout: 40_000, interval: 20 };
const PROGRAM = fileURLToPath(new URL('../testing/run-driver-process.ts', import.meta.url));

let cluster: TestCluster;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  cluster = await startEtcd();
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  folder = await testFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Keys of their own for each test: 20 subtrees of 10 keys. */
const keys = (name: string) => `/${name}/:ip/%node-%02d[20]/%key-%02d[10];#50`;
const CHURN: WorkloadParts = {
  subtreeChurn: { level: 2, percent: 50, ratePerSec: 20 },
  valueChurn: { ratePerSec: 100 },
  reads: { level: 2, ratePerSec: 50, full: true },
};

function drive(workload: WorkloadParts, options: Partial<DriveOptions> = {}) {
  return driveWorkload(workload, { endpoints: cluster.endpoints, folder: folder.path, ...options });
}

function csvRows(test?: string): Record<string, string>[] {
  const rows = readCsv(readFileSync(join(folder.path, 'driver.csv'), 'utf8'));
  return rows.filter((row) => test === undefined || row.test === test);
}

async function count(prefix: string, endpoints = cluster.endpoints): Promise<number> {
  await using client = await WireClient.connect({ endpoints });
  return (await client.range(prefix, { prefix: true, countOnly: true })).count;
}

async function revision(endpoints: readonly string[]): Promise<number> {
  await using client = await WireClient.connect({ endpoints });
  return (await client.range('x', { countOnly: true })).header.revision;
}

async function putEndKey(): Promise<void> {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  await client.put('/test/end', 'true');
}

async function removeEndKey(): Promise<void> {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  await client.deleteRange('/test/end');
}

test('loads, then does everything at once; what is counted is what etcd has', async () => {
  await using control = await startEtcd();
  const before = await revision(cluster.endpoints);
  const { report: running, told } = drive(
    {
      pattern: keys('all'),
      ...CHURN,
      watches: { perLevel: [0, 0, 'every'], prefix: true, rereadIntervalMs: 1000 },
      leases: { count: 20, ttlSeconds: 60 },
      durationMs: 1500,
      clients: 4,
      connections: 2,
    },
    {
      controlAccess: { endpoints: control.endpoints },
      statsIntervalMs: 400,
      thresholds: [parseThreshold('load.ok>1')],
    },
  );
  const report = await running;
  expect(report).toMatchObject({ ending: { kind: 'complete' }, keySpace: 200, missedRates: [], findings: [] });
  expect(exitCodeOfDriver(report)).toBe(0);
  expect(report.ramp!.thresholds).toMatchObject([{ series: 'load', actual: 200, isMet: true }]);
  expect(told.infos[0]).toMatch(/^200 keys to load/);

  // With the others on a cluster of their own, each revision is a put or a delete of ours.
  const { puts, clientDeletes } = report.counters;
  expect(await revision(cluster.endpoints)).toBe(before + puts! + clientDeletes!);
  expect(await count('/all/10.0.0.1/')).toBe(200);
  expect(await count('/etcdperf/')).toBe(0);

  const [ramp, ...otherRamps] = csvRows('pattern-ramp');
  const [summary, ...otherSummaries] = csvRows('pattern-summary');
  const intervals = csvRows('pattern-interval');
  expect([otherRamps, otherSummaries]).toEqual([[], []]);
  expect(ramp).toMatchObject({ puts: '200', deletes: '0', 'key space': '200', errors: '0' });
  expect(Number(ramp!.puts) + Number(summary!.puts)).toBe(puts);
  expect(Number(summary!.deletes)).toBe(10 * clientDeletes!);
  expect(summary).toMatchObject({ 'client deletes': String(clientDeletes), watchers: '20', leases: '20' });
  // The load, and the 10 keys of each read.
  expect(Number(summary!.gets)).toBeGreaterThan(5 * Number(summary!['client gets']));
  expect(intervals.length).toBeGreaterThan(2);
  for (const column of ['puts', 'deletes', 'gets', 'client gets', 'watch events', 'client prefix gets'])
    expect(sum(intervals, column), column).toBe(Number(summary![column]));

  const { manifest, result } = await openRun(report.runFolder);
  expect(manifest.status).toBe('done');
  expect(await result()).toMatchObject({ ramp: { sent: 200 }, ending: { kind: 'complete' } });
  expect((await samples(report.runFolder, 'ramp-samples.jsonl')).at(-1)!.counters.puts).toBe(200);
  expect((await samples(report.runFolder, 'samples.jsonl')).at(-1)!.counters).toMatchObject({ leases: 20 });
});

test('loading alone, and all of it deleted at the end', async () => {
  const { report } = drive({ pattern: keys('gone') }, { isCleanedUp: true, thresholds: [parseThreshold('p99<1ns')] });
  const { ramp, steady, ...rest } = await report;
  expect(ramp!.sent).toBe(200);
  expect(steady).toBeUndefined();
  expect(exitCodeOfDriver({ ramp, steady, ...rest })).toBe(3);
  expect(await count('/gone/')).toBe(0);
  expect(csvRows().map((row) => row.test)).toEqual(['pattern-ramp']);
});

test('a rate that can’t be held is told by name', async () => {
  const churn = { level: 2, percent: 5, ratePerSec: 20_000 };
  const { report } = drive({ pattern: keys('fast'), subtreeChurn: churn, durationMs: 600 });
  const { missedRates } = await report;
  expect(missedRates).toMatchObject([{ kind: 'churn delete', askedPerSec: 20_000 }]);
  expect(missedRates[0]!.reachedPerSec).toBeLessThan(20_000);
  expect(await count('/fast/')).toBe(200);
});

describe('what ends it', () => {
  afterEach(removeEndKey);

  test('the end key', async () => {
    const { report } = drive({ pattern: keys('ended'), ...CHURN }, { statsIntervalMs: 200 });
    await vi.waitFor(() => expect(csvRows('pattern-interval')).not.toEqual([]), SOON);
    await putEndKey();
    expect(await report).toMatchObject({ ending: { kind: 'end-key' } });
    expect(csvRows('pattern-summary')).toHaveLength(1);
    expect(await count('/ended/')).toBe(200);

    const { report: late } = drive({ pattern: keys('late'), ...CHURN });
    await expect(late).rejects.toThrow(InputError);
    expect(await count('/late/')).toBe(0);
  });

  test('a signal: the summary is there, and the keys are whole', async () => {
    const interruption = new AbortController();
    const context = { signal: interruption.signal };
    const { report: running } = drive({ pattern: keys('signal'), ...CHURN }, { statsIntervalMs: 200, context });
    await vi.waitFor(() => expect(csvRows('pattern-interval')).not.toEqual([]), SOON);
    interruption.abort(new InterruptedError());
    const report = await running;
    expect(report.ending).toEqual({ kind: 'interrupted' });
    expect(exitCodeOfDriver(report)).toBe(130);
    expect(csvRows('pattern-summary')).toHaveLength(1);
    expect(await count('/signal/')).toBe(200);
    expect((await openRun(report.runFolder)).manifest.status).toBe('interrupted');
  });

  test('a signal while loading: there is a ramp, and nothing after it', async () => {
    const interruption = new AbortController();
    const context = { signal: interruption.signal };
    const load = { pattern: keys('loading'), load: { ratePerSec: 50 }, ...CHURN };
    const { report } = drive(load, { context });
    await vi.waitFor(async () => expect(await count('/loading/')).toBeGreaterThan(20), SOON);
    interruption.abort(new InterruptedError());
    expect(await report).toMatchObject({ ending: { kind: 'interrupted' }, steady: undefined });
    expect(csvRows().map((row) => row.test)).toEqual(['pattern-ramp']);
    expect(Number(csvRows()[0]!.puts)).toBe(await count('/loading/'));
  });

  test('a signal while etcd does not answer: the summary is there before a pod is killed', async () => {
    await using stalled = await startEtcd();
    const interruption = new AbortController();
    const onReport = vi.fn();
    const { report } = drive(
      {
        pattern: keys('stalled'),
        ...CHURN,
        watches: { perLevel: [0, 'every'] },
        leases: { count: 10, ttlSeconds: 60 },
      },
      { endpoints: stalled.endpoints, statsIntervalMs: 200, context: { signal: interruption.signal, onReport } },
    );
    await vi.waitFor(() => expect(csvRows('pattern-interval')).not.toEqual([]), SOON);
    stalled.members[0]!.pause();
    const askedAt = performance.now();
    interruption.abort(new InterruptedError());
    await vi.waitFor(() => expect(onReport).toHaveBeenCalledOnce(), SOON);
    expect(performance.now() - askedAt).toBeLessThan(10_000);
    expect(csvRows('pattern-summary')).toHaveLength(1);
    stalled.members[0]!.resume();
    expect(await report).toMatchObject({ ending: { kind: 'interrupted' } });
  });

  test('a process that comes back once the end key is written only signs off', async () => {
    const interruption = new AbortController();
    const resumed = { name: 'back', resumeFrom: 'etcd' as const };
    const { report: first } = drive(
      { pattern: keys('back'), ...CHURN },
      { ...resumed, statsIntervalMs: 200, context: { signal: interruption.signal } },
    );
    await vi.waitFor(() => expect(csvRows('pattern-interval')).not.toEqual([]), SOON);
    interruption.abort(new InterruptedError());
    const { counters } = await first;
    await putEndKey();
    const { report: second, told } = drive({ pattern: keys('back'), ...CHURN }, resumed);
    expect(await second).toMatchObject({ ending: { kind: 'end-key' }, ramp: undefined, steady: undefined });
    expect((await second).counters.puts).toBe(counters.puts);
    expect((await second).gaps).toHaveLength(1);
    expect(told.infos.join()).toContain('goes on where it was: 200 of 200 keys');
  });

  test('what is left of the duration, where a process takes up another’s run', async () => {
    const interruption = new AbortController();
    const resumed = { name: 'rest', resumeFrom: 'etcd' as const };
    const workload = { pattern: keys('rest'), ...CHURN, durationMs: 60_000 };
    const { report: first } = drive(workload, {
      ...resumed,
      statsIntervalMs: 200,
      context: { signal: interruption.signal },
    });
    await vi.waitFor(() => expect(csvRows('pattern-interval').length).toBeGreaterThan(2), SOON);
    interruption.abort(new InterruptedError());
    const { counters } = await first;
    const lasted = counters.steadyMs!;
    expect(lasted).toBeGreaterThan(400);

    const { report: second } = drive({ ...workload, durationMs: lasted + 300 }, resumed);
    const { ramp, steady, ...rest } = await second;
    expect({ ramp, ending: rest.ending }).toEqual({ ramp: undefined, ending: { kind: 'complete' } });
    expect(steady!.plan.end).toEqual({ kind: 'duration', ms: 300 });
    expect(rest.counters.puts).toBeGreaterThan(counters.puts!);
  });

  test('nothing, when it is to stay: the report comes before, and a signal ends it', async () => {
    const interruption = new AbortController();
    const onReport = vi.fn();
    const context = { signal: interruption.signal, onReport };
    const metrics = { host: '127.0.0.1', port: 0 };
    const { report, told } = drive({ pattern: keys('stays') }, { staysAfterwards: true, metrics, context });
    await vi.waitFor(() => expect(onReport).toHaveBeenCalledOnce(), SOON);
    expect(onReport.mock.calls[0]![0]).toMatchObject({ ending: { kind: 'complete' } });
    expect(await scrape(told.infos)).toContain('phase="done"');
    interruption.abort(new InterruptedError());
    expect((await report).ending).toEqual({ kind: 'complete' });
    await expect(scrape(told.infos)).rejects.toThrow();
  });
});

test('/metrics, while it runs', async () => {
  const interruption = new AbortController();
  const { report, told } = drive(
    { pattern: keys('metrics'), ...CHURN, watches: { perLevel: [0, 0, 3], prefix: true } },
    { metrics: { host: '127.0.0.1', port: 0 }, context: { signal: interruption.signal } },
  );
  const text = await vi.waitFor(async () => {
    const page = await scrape(told.infos);
    expect(page).toMatch(/^etcdperf_driver_requests_total\{kind="value put",outcome="ok"\} [1-9]/m);
    expect(page).toMatch(/^etcdperf_driver_client_deletes_total [1-9]/m);
    return page;
  }, SOON);
  interruption.abort(new InterruptedError());
  await report;

  const value = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')
        .at(-1),
    );
  expect(value('etcdperf_driver_keys')).toBe(200);
  expect(value('etcdperf_driver_watchers')).toBe(3);
  // Loading is part of it.
  expect(value('etcdperf_driver_puts_total')).toBeGreaterThan(200);
  const puts = value('etcdperf_driver_request_duration_seconds_count{kind="load"}');
  expect(puts).toBe(200);
  expect(value('etcdperf_driver_request_duration_seconds_bucket{kind="load",le="+Inf"}')).toBe(200);
  const families = text.match(/^# TYPE .*/gm)!.map((line) => line.split(' ')[2]);
  expect(new Set(families).size).toBe(families.length);
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)$/);
});

describe('nothing is written, not even a run folder,', () => {
  test.each<[string, WorkloadParts, Partial<DriveOptions>, RegExp]>([
    ['for a pattern that does not parse', { pattern: '/a/[b' }, {}, /./],
    ['for a level that is not there', { pattern: keys('x'), reads: { level: 9, ratePerSec: 1 } }, {}, /can’t be done/],
    ['for a threshold on nothing', { pattern: keys('x') }, { thresholds: [parseThreshold('gett.p99<1s')] }, /'gett'/],
    ['for a port that is taken', { pattern: keys('x') }, { metrics: { host: '203.0.113.1', port: 1 } }, /metrics/],
  ])('%s', async (_, workload, options, told) => {
    const before = await revision(cluster.endpoints);
    const refusal = await drive(workload, options).report.catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InputError);
    expect((refusal as Error).message).toMatch(told);
    expect(await revision(cluster.endpoints)).toBe(before);
    expect(readdirSync(folder.path)).not.toContain('runs');
  });

  test('for a results file that can’t be', async () => {
    const before = await revision(cluster.endpoints);
    const csv = { file: '/nowhere/driver.csv', parameters: {} as never, statsIntervalMs: undefined };
    const { report } = driveWorkload(
      { pattern: keys('x') },
      { endpoints: cluster.endpoints, folder: folder.path, ...{ csv } },
    );
    await expect(report).rejects.toThrow(/can't write \/nowhere\/driver.csv: ENOENT/);
    expect(await revision(cluster.endpoints)).toBe(before);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

describe('a small quota', () => {
  const large = (name: string) => `/${name}/%key-%03d[100];[0-9]{20000}`;

  test('has no room for the keys: that is told before, unless it is forced', async () => {
    await using small = await startEtcd({ flags: { 'quota-backend-bytes': 2_000_000 } });
    const { endpoints } = small;
    const refusal = await drive({ pattern: large('much') }, { endpoints }).report.catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InputError);
    expect(refusal).toMatchObject({ hint: expect.stringContaining('--force') });
    expect(await revision(endpoints)).toBe(1);
    expect(readdirSync(folder.path)).not.toContain('runs');

    const interruption = new AbortController();
    const context = { signal: interruption.signal };
    const { report, told } = drive(
      { pattern: large('more').replace('[100]', '[900]') },
      { endpoints, isForced: true, context },
    );
    await vi.waitFor(() => expect(told.findings.map(({ kind }) => kind)).toEqual(['over-quota', 'alarm']), SOON);
    interruption.abort(new InterruptedError());
    expect((await report).pauses).toMatchObject([{ to: undefined, reason: expect.stringContaining('space') }]);
  });

  test('is used up on the way: told at once, paused, and resumed when the alarm is disarmed', async () => {
    await using small = await startEtcd({ flags: { 'quota-backend-bytes': 8_000_000 } });
    const { endpoints } = small;
    const interruption = new AbortController();
    const { report, told } = drive(
      { pattern: large('churned'), valueChurn: { ratePerSec: 100 }, reads: { level: 1, ratePerSec: 20 } },
      { endpoints, context: { signal: interruption.signal } },
    );
    await vi.waitFor(() => expect(told.findings.map(({ kind }) => kind)).toContain('alarm'), SOON);
    await vi.waitFor(async () => {
      await makeRoom(endpoints);
      expect(told.infos.filter((info) => info.includes('takes writes again'))).not.toEqual([]);
    }, SOON);
    interruption.abort(new InterruptedError());
    const { pauses, steady } = await report;
    expect(pauses[0]!.to).toBeDefined();
    expect(Date.parse(pauses[0]!.to!)).toBeGreaterThanOrEqual(Date.parse(pauses[0]!.from));
    // Whoever only reads went on.
    expect(steady!.series.find(({ name }) => name === 'get')!.ok).toBeGreaterThan(0);
  });
});

describe('a process', () => {
  const workload = (name: string) => ({ pattern: keys(name), ...CHURN });

  function start(said: WorkloadParts, options: Partial<DriveOptions>, limit = '') {
    const all = { endpoints: cluster.endpoints, folder: folder.path, ...options };
    const argv = ['--conditions=etcdperf-source', PROGRAM, JSON.stringify(said), JSON.stringify(all)];
    const child = spawn('sh', ['-c', `${limit} exec "$@"`, 'sh', process.execPath, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output += text;
      });
    return { child, closed: once(child, 'close'), output: () => output };
  }

  test('that is killed leaves whole lines, up to the last interval', async () => {
    const { child, closed } = start(workload('killed'), { statsIntervalMs: 200 });
    await vi.waitFor(() => expect(csvRows('pattern-interval').length).toBeGreaterThan(2), SOON);
    child.kill('SIGKILL');
    await closed;
    const text = readFileSync(join(folder.path, 'driver.csv'), 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    expect(new Set(readCsv(text).map((row) => row.test))).toEqual(new Set(['pattern-ramp', 'pattern-interval']));
  });

  test('whose disk is full in the middle says so, and still comes to its summary', async () => {
    // No file may be longer than some kilobytes: the results and the samples stop in the middle.
    const { closed, output } = start(
      { ...workload('full'), durationMs: 4000 },
      { statsIntervalMs: 200 },
      'ulimit -f 8;',
    );
    await closed;
    const { csv, unwritten, steady, infos } = JSON.parse(output());
    expect(csv.problem).toMatch(/EFBIG/);
    expect(unwritten).toMatch(/EFBIG/);
    expect(infos.filter((info: string) => info.includes('the run goes on'))).toHaveLength(2);
    expect(steady.puts).toBeGreaterThan(0);
    const text = readFileSync(join(folder.path, 'driver.csv'), 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    expect(csvRows('pattern-interval')).not.toEqual([]);
    expect(csvRows('pattern-summary')).toEqual([]);
  });
});

function sum(rows: readonly Record<string, string>[], column: string): number {
  return rows.reduce((all, row) => all + Number(row[column]), 0);
}

async function samples(runFolder: string, file: string): Promise<IntervalSample[]> {
  const all: IntervalSample[] = [];
  for await (const sample of readEvents<IntervalSample>(runFolder, file)) all.push(sample);
  return all;
}

/** The page at the address that was told. */
async function scrape(infos: readonly string[]): Promise<string> {
  const url = infos.find((info) => info.startsWith('metrics: '))!.slice('metrics: '.length);
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return response.text();
}

/** Makes room, and says so, as whoever looks after the cluster would. */
async function makeRoom(endpoints: readonly string[]): Promise<void> {
  await using client = await WireClient.connect({ endpoints });
  const { header } = await client.range('x', { countOnly: true });
  await client.compact(header.revision, { physical: true }).catch(() => undefined);
  await client.defragment();
  const body = JSON.stringify({ action: 'DEACTIVATE', memberID: String(header.memberId), alarm: 'NOSPACE' });
  await fetch(`${endpoints[0]}/v3/maintenance/alarm`, { method: 'POST', body });
}
