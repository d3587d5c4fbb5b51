import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, OperationError } from '@etcdperf/core/errors';
import { startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type ControlOptions, controlOf } from '../../testing/control-of.ts';
import { Driving, type Line } from '../../testing/driving.ts';
import { controlKeys } from '../control/control-keys.ts';

const LONG = { timeout: 40_000, interval: 20 };
const END_KEY = '/prefix/testEnd';
const { state: STATE, live: LIVE } = controlKeys(END_KEY, 'pod-0');

let etcd: TestCluster;
let client: WireClient;
let runsDir: string;
beforeAll(async () => {
  etcd = await startEtcd();
  client = await WireClient.connect({ endpoints: etcd.endpoints });
});
beforeEach(async () => {
  runsDir = await mkdtemp(join(tmpdir(), 'etcdperf-resume-'));
});
afterEach(async () => {
  await client.deleteRange('', { prefix: true });
  await rm(runsDir, { recursive: true, force: true });
});
afterAll(async () => {
  await client.close();
  await etcd.stop();
});

const driver = (options: ControlOptions = {}) => controlOf({ endpoints: etcd.endpoints }, { runsDir, ...options });

test.each(['etcd', 'folder'] as const)(
  'killed while loading and again after it, it goes on: %s',
  async (resumeFrom) => {
    // More than is loaded before the process that loads them is killed.
    const size = 1000;
    const { endpoints } = etcd;
    const options = {
      endpoints,
      runsDir,
      resumeFrom,
      pattern: `/keys/:ip/%key-%06d[${size}];[0-9]{12}`,
      ip: '10.0.0.1',
    };
    const writes = async () => {
      const { kvs } = await client.range('/keys/', { prefix: true });
      return { keys: kvs.length, last: Math.max(...kvs.map(({ value }) => Number(value.toString()))), kvs };
    };
    const saved = async (): Promise<{ readonly loaded: number }> => {
      if (resumeFrom === 'folder')
        return JSON.parse(await readFile(join(runsDir, 'driver-state', 'pod-0.json'), 'utf8'));
      return JSON.parse((await client.range(STATE)).kvs[0]!.value.toString());
    };
    {
      await using first = new Driving(options);
      await first.said(({ registered }) => registered !== undefined);
      await vi.waitFor(async () => expect((await saved()).loaded).toBeGreaterThanOrEqual(50), LONG);
    }
    const whenKilled = await writes();
    expect(whenKilled.keys).toBeLessThan(size);
    let steady: Line;
    {
      // In a pod elsewhere: with another address.
      await using second = new Driving({ ...options, ip: '10.9.9.9' });
      const begin = await second.said(({ registered }) => registered !== undefined);
      // It does not load again, and no write number is used again.
      expect(begin.loaded).toBeGreaterThanOrEqual(50);
      expect(begin.loaded).toBeLessThanOrEqual(whenKilled.keys);
      expect(begin.nextWrite).toBeGreaterThan(whenKilled.last);
      expect(begin.resumed!.gaps).toHaveLength(1);
      steady = await second.said(({ loaded, counters }) => loaded === size && (counters?.puts ?? 0) > size + 400);
      expect(steady.totals!.puts).toBeGreaterThanOrEqual(steady.counters!.puts + begin.loaded);
    }
    const before = await writes();
    // No key has the second pod's address, and none is missing.
    expect(before.keys).toBe(size);
    expect(before.kvs.every(({ key }) => key.toString().startsWith('/keys/10.0.0.1/'))).toBe(true);
    await using third = new Driving(options);
    const begin = await third.said(({ registered }) => registered !== undefined);
    expect(begin).toMatchObject({ registered: 'pod-0', loaded: size });
    expect(begin.nextWrite).toBeGreaterThan(before.last);
    const { gaps } = begin.resumed!;
    expect(gaps).toHaveLength(2);
    for (const { from, to } of gaps) expect(Date.parse(to)).toBeGreaterThan(Date.parse(from));
    await third.said(({ counters }) => (counters?.puts ?? 0) >= 100);
    await client.put(END_KEY, 'true');
    const end = await third.said(({ confirmed }) => confirmed !== undefined);
    expect(end.confirmed).toBe(true);
    expect(end.totals!.puts).toBeGreaterThan(steady.totals!.puts);
    // What is over is not taken up again, whatever the end key says.
    await client.deleteRange(END_KEY);
    await expect(driver({ resumeFrom, pattern: options.pattern, ip: options.ip })).rejects.toThrow(
      /the run of 'pod-0' is over since .*: there is nothing to resume/,
    );
  },
);

test('a driver that comes back when the end key is written ends at once, and confirms', async () => {
  const { done } = controlKeys(END_KEY, 'pod-0');
  {
    await using one = await driver({ resumeFrom: 'etcd' });
    await one.control.register();
    one.control.save({ phase: 'steady', loaded: 10, nextWrite: 20, counters: { puts: 20 } });
  }
  await client.put(END_KEY, 'true');
  await using back = await driver({ resumeFrom: 'etcd' });
  expect(back.control.ended.aborted).toBe(true);
  await back.control.register();
  await back.control.confirm({ phase: 'steady', loaded: 10, nextWrite: 20, counters: { puts: 1 } }, 'end key');
  const [kv] = (await client.range(done)).kvs;
  expect(JSON.parse(kv!.value.toString())).toMatchObject({ name: 'pod-0', ending: 'end key', counters: { puts: 21 } });
  // It does not lie around for ever.
  const { grantedTtlSeconds } = await client.leaseTimeToLive(kv!.lease);
  expect(grantedTtlSeconds).toBe(3600);
  expect((await client.range(LIVE)).count).toBe(0);
});

test.each<[string, ControlOptions, RegExp]>([
  ['another pattern', { pattern: '/other/:ip/%key-%06d[10];[0-9]{12}' }, /of another pattern, '\/keys\//],
  ['another seed', { workload: { seed: 2 } }, /of seed 1, not 2/],
])('a state of %s is refused, and nothing is written', async (_, options, message) => {
  {
    await using one = await driver({ resumeFrom: 'folder' });
    await one.control.register();
  }
  const { header } = await client.range('x');
  const refused = driver({ resumeFrom: 'folder', ...options });
  await expect(refused).rejects.toThrow(InputError);
  await expect(refused).rejects.toThrow(message);
  expect((await client.range('x')).header.revision).toBe(header.revision);
});

test('without a state a run begins; a state that can’t be understood is refused by name', async () => {
  {
    await using fresh = await driver({ resumeFrom: 'folder' });
    expect(fresh.control.resumed).toBeUndefined();
    await fresh.control.register();
  }
  const file = join(runsDir, 'driver-state', 'pod-0.json');
  expect(await readdir(join(runsDir, 'driver-state'))).toEqual(['pod-0.json']);
  const whole = await readFile(file, 'utf8');
  for (const [text, why] of [
    [whole.slice(0, 40), /damaged: it is no JSON/],
    ['null', /damaged: it is no object/],
    [whole.replace('"loaded": 0', '"loaded": -1'), /damaged: loaded is -1/],
    [whole.replace(/"seed": 1,/, ''), /damaged: seed is missing/],
    [whole.replace('"version": 1', '"version": 2'), /damaged: version is 2/],
    [whole.replace(/"savedAt": "[^"]*"/, '"savedAt": "yesterday"'), /damaged: savedAt is "yesterday"/],
  ] as const) {
    await writeFile(file, text);
    const refused = driver({ resumeFrom: 'folder' });
    await expect(refused).rejects.toThrow(why);
    await expect(refused).rejects.toMatchObject({ exitCode: 2, where: file });
  }
  await client.put(STATE, '{');
  await expect(driver({ resumeFrom: 'etcd' })).rejects.toMatchObject({
    exitCode: 2,
    where: expect.stringContaining(STATE),
  });
});

test('who is cut off from the control cluster, and not from the folder, leaves its successor’s state alone', async () => {
  await using proxy = await startTcpProxy(etcd.members[0]!.clientPort);
  await using old = await controlOf({ endpoints: [`http://${proxy.address}`] }, { runsDir, resumeFrom: 'folder' });
  await old.control.register();
  proxy.cut();
  await using young = await driver({ resumeFrom: 'folder' });
  await young.control.register();
  old.control.save({ phase: 'load', loaded: 1, nextWrite: 1, counters: { puts: 1 } });
  await vi.waitFor(() => expect(old.told.infos.join()).toContain('another process has taken up this state'), LONG);
  young.control.save({ phase: 'load', loaded: 3, nextWrite: 3, counters: { puts: 3 } });
  const saved = async () => JSON.parse(await readFile(join(runsDir, 'driver-state', 'pod-0.json'), 'utf8'));
  await vi.waitFor(async () => expect(await saved()).toMatchObject({ loaded: 3, counters: { puts: 3 } }), LONG);
});

test('what is counted goes on, what stands is not', async () => {
  const progress = {
    phase: 'steady' as const,
    loaded: 10,
    nextWrite: 20,
    counters: { puts: 20, watchers: 5, leases: 7 },
  };
  {
    await using one = await driver({ resumeFrom: 'folder' });
    await one.control.register();
    one.control.save(progress);
  }
  await using next = await driver({ resumeFrom: 'folder' });
  expect(next.control.resumed?.counters).toEqual(progress.counters);
  expect(next.control.totals({ puts: 2, watchers: 5 })).toEqual({ puts: 22, watchers: 5, leases: 0 });
});

test('a folder that can’t be written is told before any load, and leaves no registration', async () => {
  // What nobody can write to, root neither.
  await mkdir(join(runsDir, 'driver-state', `pod-0.json.${process.pid}.tmp`), { recursive: true });
  await using one = await driver({ resumeFrom: 'folder' });
  await expect(one.control.register()).rejects.toThrow(OperationError);
  expect((await client.range(LIVE)).count).toBe(0);
});
