import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadSource } from '@etcdperf/core/load';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { openPatternSpace, parsePattern } from '@etcdperf/core/workload';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testFolder } from '../../testing/drive-workload.ts';
import { heldLeaseWork } from '../leases/held-lease-work.ts';
import { treeWatchWork } from '../watches/tree-watch-work.ts';
import { runStanding, type StandingSettings, type StandingWork } from './run-standing.ts';

const WAIT = { timeout: 30_000, interval: 20 };
let cluster: TestCluster;
let client: WireClient;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints });
  folder = await testFolder();
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
  await folder[Symbol.asyncDispose]();
});

function stand<Source extends LoadSource, Extra extends object>(
  work: StandingWork<Source, Extra>,
  said: Partial<StandingSettings> = {},
) {
  const access = { endpoints: cluster.endpoints };
  const settings: StandingSettings = {
    command: 'driver:test',
    version: 'test',
    inventory: undefined,
    config: {},
    runsDir: folder.path,
    access,
    controlAccess: access,
    target: { kind: 'all' },
    endKey: '/test/end',
    durationMs: undefined,
    connections: 1,
    timeoutMs: 5000,
    seed: 1,
    thresholds: [],
    intervalMs: 100,
    ...said,
  };
  const ctrlC = new AbortController();
  const steps: string[] = [];
  const findings: string[] = [];
  const report = runStanding(settings, work, {
    signal: ctrlC.signal,
    onStep: (text) => void steps.push(text),
    onInfo: () => undefined,
    onFinding: ({ message }) => void findings.push(message),
  });
  // Whoever waits for it is told.
  report.catch(() => undefined);
  return { report, ctrlC, steps, findings };
}

const leases = (count: number, ttlSeconds = 60) =>
  heldLeaseWork({
    leases: { count, ttlSeconds, rampMs: 0 },
    connections: 1,
    timeoutMs: 5000,
    end: 'revoke',
    interruption: new AbortController().signal,
  });
const space = openPatternSpace(parsePattern('/stood/%a-%d[4]/%b-%d[5];#8'), { ip: '', seed: 1 });
const watches = () => treeWatchWork(space, { perLevel: [1, 'every', 3], prefix: true, rereadIntervalMs: undefined }, 1);

test('leases are held until the end key is written, and revoked', async () => {
  const { report, steps } = stand(leases(100));
  await vi.waitFor(() => expect(steps.at(-1)).toContain('s: 100 leases; '), WAIT);
  expect((await client.leases()).ids).toHaveLength(100);
  await client.put('/test/end', 'true');
  const { ending, leases: told, counters, runFolder } = await report;
  await client.deleteRange('/test/end');
  expect(ending).toEqual({ kind: 'complete' });
  expect(told).toEqual({
    asked: 100,
    askedTtlSeconds: 60,
    grantedTtlSeconds: 60,
    held: 100,
    lost: 0,
    revoked: 100,
    left: 0,
  });
  expect(counters).toMatchObject({ leases: 100, leasesLost: 0 });
  expect((await client.leases()).ids).toHaveLength(0);
  const saved = JSON.parse(await readFile(join(runFolder, 'result.json'), 'utf8'));
  expect(saved.leases).toEqual(told);
  expect(await readFile(join(runFolder, 'samples.jsonl'), 'utf8')).toContain('"leases":100');
});

test('what etcd grants is told where it is not what was asked for; a time that is over ends all', async () => {
  const { report, findings } = stand(leases(5, 1), { durationMs: 300 });
  const { ending, durationMs, leases: told } = await report;
  expect(findings.join()).toContain('leases asked for 1 s are granted 2 s');
  expect(told).toMatchObject({ askedTtlSeconds: 1, grantedTtlSeconds: 2, left: 0 });
  expect(ending).toEqual({ kind: 'complete' });
  expect(durationMs).toBeGreaterThanOrEqual(300);
});

test('watches stand until the end, and tell what others wrote', async () => {
  const { report, steps } = stand(watches());
  await vi.waitFor(() => expect(steps.at(-1)).toContain(': 8 watchers; '), WAIT);
  await client.put('/stood/a-1/b-2', 'value');
  await vi.waitFor(() => expect(steps.at(-1)).toContain('; 2 events so far'), WAIT);
  await client.put('/test/end', 'true');
  const { watch, ending } = await report;
  await client.deleteRange('/test/end');
  expect(ending).toEqual({ kind: 'complete' });
  expect(watch).toMatchObject({ perLevel: [1, 4, 3], watchers: 8, inPlace: 8, events: 2, duplicated: 0, reordered: 0 });
  expect(watch.eventBytes).toBe(2 * ('/stood/a-1/b-2'.length + 'value'.length));
});

test('Ctrl-C: the figures until then, and no lease is left', async () => {
  const { report, ctrlC, steps } = stand(leases(500));
  await vi.waitFor(() => expect(steps.at(-1)).toContain(': 500 leases; '), WAIT);
  ctrlC.abort(new Error('Ctrl-C'));
  const { ending, leases: told } = await report;
  expect(ending).toEqual({ kind: 'interrupted' });
  expect(told).toMatchObject({ held: 500, revoked: 500, left: 0 });
  expect((await client.leases()).ids).toHaveLength(0);
});

test('an end key that says so already: refused, and nothing is touched', async () => {
  await client.put('/test/over', 'true');
  const { report } = stand(leases(10), { endKey: '/test/over' });
  await expect(report).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('/test/over') });
  expect((await client.leases()).ids).toHaveLength(0);
});
