import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@etcdperf/core/errors';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { renderFill } from '../../render/render-fill.ts';
import { type FillSettings, fillDatabase } from './fill-database.ts';

const MB = 1_000_000;

let etcd: TestCluster;
let client: WireClient;
let runsDir: string;
beforeAll(async () => {
  etcd = await startEtcd({ flags: { 'quota-backend-bytes': 64 * MB } });
  client = await WireClient.connect({ endpoints: etcd.endpoints });
});
beforeEach(async () => {
  runsDir = await mkdtemp(join(tmpdir(), 'etcdperf-fill-'));
});
afterEach(() => rm(runsDir, { recursive: true, force: true }));
afterAll(async () => {
  await client.close();
  await etcd.stop();
});

function fill(options: Pick<FillSettings, 'goal'> & Partial<FillSettings>, signal = new AbortController().signal) {
  const steps: string[] = [];
  const report = fillDatabase(
    {
      command: 'driver:fill',
      version: 'test',
      inventory: undefined,
      config: {},
      runsDir,
      access: { endpoints: etcd.endpoints },
      target: { kind: 'all' },
      pattern: undefined,
      rules: {},
      ip: '10.0.0.1',
      seed: 1,
      connections: 2,
      clients: 50,
      timeoutMs: 10_000,
      thresholds: [],
      intervalMs: 200,
      isCleanedUp: false,
      ...options,
    },
    { signal, onStep: (text) => void steps.push(text), onInfo: () => undefined, onFinding: () => undefined },
  );
  return { report, steps };
}

const count = async (prefix: string) => (await client.range(prefix, { prefix: true, countOnly: true })).count;

test('so many keys of a pattern, and they are deleted again, and no other', async () => {
  await client.put('/own/10.0.0.1x', '');
  await client.put('/own/10.0.0.2/batch-0/key-0000', '');
  const pattern = '/own/:ip/%batch-%d[3]/%key-%04d[1000];[a-z]{20}';
  const { fill: first, series } = await fill({ goal: { kind: 'keys', keys: 1500 }, pattern }).report;
  expect(first).toMatchObject({ isReached: true, keys: 1500, quotaBytes: 64 * MB });
  expect(series.find(({ name }) => name === 'load')).toMatchObject({ ok: 1500, fail: 0, unknown: 0 });
  expect(await count('/own/10.0.0.1/')).toBe(1500);
  const again = await fill({ goal: { kind: 'keys', keys: 2500 }, pattern, isCleanedUp: true }).report;
  expect(again.fill).toMatchObject({ isReached: true, keys: 2500, isCleanedUp: true });
  expect(renderFill(again)).toMatch(/^filled: 2500 keys written, 2500 keys asked for$/m);
  expect(await count('/own/')).toBe(2);
});

test('until so much is in use, with keys of its own each time; a run folder tells of it', async () => {
  const sizeOf = async () => (await client.status()).dbSizeInUse;
  const first = await fill({ goal: { kind: 'bytes', bytes: 10 * MB } });
  const report = await first.report;
  expect(report.fill.isReached).toBe(true);
  expect(report.fill.after.inUseBytes).toBeGreaterThanOrEqual(10 * MB);
  expect(await sizeOf()).toBeLessThan(25 * MB);
  expect(first.steps.some((step) => /^filling, .* MB of 10 MB: /.test(step))).toBe(true);
  expect(await readdir(report.runFolder)).toEqual(
    expect.arrayContaining(['manifest.json', 'result.json', 'samples.jsonl']),
  );
  const keys = await count('/fill/');
  expect(keys).toBe(report.fill.keys);
  const second = await fill({ goal: { kind: 'bytes', bytes: report.fill.after.inUseBytes + 5 * MB } }).report;
  expect(second.fill.isReached).toBe(true);
  expect(await count('/fill/')).toBe(keys + second.fill.keys);
});

test.each<[string, Pick<FillSettings, 'goal'> & Partial<FillSettings>, RegExp]>([
  [
    'a size beyond the quota',
    { goal: { kind: 'bytes', bytes: 64 * MB } },
    /the quota has no room for 64 MB: up to 62.7 MB/,
  ],
  ['keys beyond the quota', { goal: { kind: 'keys', keys: 100_000 } }, /etcd will refuse writes on the way/],
  ['a size that is there', { goal: { kind: 'bytes', bytes: 1000 } }, /of the database are in use already/],
  [
    'a size that the pattern has not enough keys for',
    { goal: { kind: 'bytes', bytes: 60 * MB }, pattern: '/few/%key-%d[100];[0-9]{10}' },
    /the pattern has 100 keys, .*: too few to fill/,
  ],
  [
    'more keys than the pattern has',
    { goal: { kind: 'keys', keys: 101 }, pattern: '/few/%key-%d[100];[0-9]{10}' },
    /the pattern has 100 keys, not 101/,
  ],
])('%s is refused before anything is written', async (_, options, message) => {
  const { revision } = (await client.range('x')).header;
  const refused = fill(options).report;
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toThrow(InputError);
  expect((await client.range('x')).header.revision).toBe(revision);
  expect(await readdir(runsDir)).toEqual([]);
});

test('it ends before the quota where more was taken than expected, and says that it is not done', async () => {
  await using small = await startEtcd({ flags: { 'quota-backend-bytes': 64 * MB } });
  await using filler = await WireClient.connect({ endpoints: small.endpoints });
  // Others write meanwhile, much faster than one caller does, and not enough to reach the quota without it.
  const access = { endpoints: small.endpoints };
  const running = fill({ access, goal: { kind: 'keys', keys: 30_000 }, connections: 1, clients: 1 });
  const write = async (other: number) => {
    for (let file = 0; file < 265; file += 1) await filler.put(`/others/${other}/${file}`, Buffer.alloc(50_000));
  };
  await Promise.all([1, 2, 3, 4].map(write));
  const report = await running.report;
  expect(report.fill.isReached).toBe(false);
  expect(report.findings.map(({ message }) => message).join()).toContain('before etcd refuses all writes');
  expect(renderFill(report)).toMatch(/^NOT filled: /m);
  // Writes are taken as before.
  await filler.put('still', 'there');
});

test('a pattern that turns out to be too small is told', async () => {
  await using small = await startEtcd();
  const access = { endpoints: small.endpoints };
  const report = await fill({
    access,
    goal: { kind: 'bytes', bytes: 1_600_000 },
    pattern: '/nearly/%batch-%d[10]/%key-%03d[100];#1024',
  }).report;
  expect(report.fill).toMatchObject({ isReached: false, keys: 1000 });
  expect(report.findings.map(({ message }) => message).join()).toContain('all keys of the pattern are written');
});

test('Ctrl-C keeps what was measured, and cleans up', async () => {
  const interruption = new AbortController();
  const pattern = '/stopped/%batch-%06d[1000]/%key-%04d[100];[a-z]{20}';
  const { report } = fill(
    { goal: { kind: 'keys', keys: 100_000 }, pattern, clients: 1, isCleanedUp: true },
    interruption.signal,
  );
  for (;;) if ((await count('/stopped/')) > 200) break;
  interruption.abort(new Error('interrupted'));
  const { ending, fill: filled } = await report;
  expect(ending).toEqual({ kind: 'interrupted' });
  expect(filled).toMatchObject({ isReached: false, isCleanedUp: true });
  expect(await count('/stopped/')).toBe(0);
});
