import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { renderStop } from '../../render/render-stop.ts';
import { controlOf } from '../../testing/control-of.ts';
import { Driving } from '../../testing/driving.ts';
import { controlKeys } from './control-keys.ts';
import { type StopSettings, stopDrivers } from './stop-drivers.ts';

const LONG = { timeout: 40_000, interval: 20 };
const END_KEY = '/prefix/testEnd';

let etcd: TestCluster;
let client: WireClient;
beforeAll(async () => {
  etcd = await startEtcd();
  client = await WireClient.connect({ endpoints: etcd.endpoints });
});
afterEach(async () => {
  await client.deleteRange('', { prefix: true });
});
afterAll(async () => {
  await client.close();
  await etcd.stop();
});

const progress = { phase: 'steady' as const, loaded: 10, nextWrite: 12, counters: { puts: 12, deletes: 3 } };
const driver = (name: string, options: Parameters<typeof controlOf>[1] = {}) =>
  controlOf({ endpoints: etcd.endpoints }, { name, ip: `ip-of-${name}`, ...options });

/** Begins to stop; `steps` is what it tells. */
function stop(options: Partial<StopSettings> & { readonly signal?: AbortSignal } = {}) {
  const { signal = new AbortController().signal, ...settings } = options;
  const steps: string[] = [];
  const controlAccess = { endpoints: etcd.endpoints };
  const report = stopDrivers(
    { controlAccess, endKey: END_KEY, timeoutMs: 60_000, isCleared: false, ...settings },
    { signal, onStep: (text) => void steps.push(text), onInfo: () => undefined, onFinding: () => undefined },
  );
  return { report, steps };
}

test('with no driver it says so, and writes the key', async () => {
  const report = await stop().report;
  expect(report).toMatchObject({ endKey: END_KEY, drivers: [], isCleared: false });
  expect((await client.range(END_KEY)).kvs[0]?.value.toString()).toBe('true');
  expect(renderStop(report)).toMatch(/^no driver runs\n/);
});

test('waits until each driver has confirmed, and clears what they leave', async () => {
  await using one = await driver('pod-0', { resumeFrom: 'etcd' });
  await using two = await driver('pod-1', { resumeFrom: 'etcd' });
  await using elsewhere = await driver('pod-2', { endKey: '/another/end', resumeFrom: 'etcd' });
  for (const { control } of [one, two, elsewhere]) await control.register();
  const { report, steps } = stop({ isCleared: true });
  await vi.waitFor(() => expect([one, two].every(({ control }) => control.ended.aborted)).toBe(true), LONG);
  await one.control.confirm(progress, 'end key');
  await vi.waitFor(() => expect(steps.at(-1)).toBe('1 of 2 drivers have ended, not pod-1'), LONG);
  await two.control.confirm(progress, 'end key');
  const { drivers, isCleared } = await report;
  const confirmed = { status: 'confirmed', ending: 'end key', counters: progress.counters };
  expect(drivers).toMatchObject([
    { name: 'pod-0', ...confirmed },
    { name: 'pod-1', ...confirmed },
  ]);
  expect(isCleared).toBe(true);
  expect(renderStop(await report)).toContain('ended (end key)');
  // Only what belongs to the other end key is left.
  const { kvs } = await client.range('/', { prefix: true });
  const other = controlKeys('/another/end', 'pod-2');
  expect(kvs.map(({ key }) => key.toString()).sort()).toEqual([other.live, other.state].sort());
  expect(elsewhere.control.ended.aborted).toBe(false);
  // The next test can begin.
  await using next = await driver('pod-0', { resumeFrom: 'etcd' });
  expect(next.control.resumed).toBeUndefined();
});

test('a driver that was killed is gone when its lease ran out', async () => {
  await using driving = new Driving({ endpoints: etcd.endpoints, name: 'pod-0', resumeFrom: 'etcd' });
  await driving.said(({ registered }) => registered === 'pod-0');
  await driving[Symbol.asyncDispose]();
  const { report, steps } = stop({ isCleared: true });
  await vi.waitFor(() => expect(steps.at(-1)).toBe('0 of 1 drivers have ended, not pod-0'), LONG);
  const { drivers, isCleared } = await report;
  expect(drivers).toMatchObject([{ name: 'pod-0', status: 'gone' }]);
  expect(renderStop(await report)).toContain('gone without a summary');
  expect(isCleared).toBe(true);
  // What it did can be taken up: it is not over.
  expect((await client.range('/', { prefix: true })).kvs.map(({ key }) => key.toString())).toContain(
    controlKeys(END_KEY, 'pod-0').state,
  );
});

test('a driver that goes on is told when the time is over, and nothing is cleared', async () => {
  await using slow = await driver('slow');
  await slow.control.register();
  const report = await stop({ timeoutMs: 600, isCleared: true }).report;
  expect(report).toMatchObject({ isCleared: false, drivers: [{ name: 'slow', status: 'running' }] });
  expect(renderStop(report)).toContain('still running (load)');
  expect((await client.range(END_KEY)).count).toBe(1);
});

test('what an earlier process of the name confirmed is not taken for the one that runs', async () => {
  {
    await using first = await driver('pod-0');
    await first.control.register();
    await first.control.confirm(progress, 'duration');
  }
  const { done } = controlKeys(END_KEY, 'pod-0');
  expect((await client.range(done)).count).toBe(1);
  await using second = await driver('pod-0');
  await second.control.register();
  expect((await client.range(done)).count).toBe(0);
  const { report } = stop();
  await vi.waitFor(() => expect(second.control.ended.aborted).toBe(true), LONG);
  await second.control.confirm(progress, 'end key');
  expect((await report).drivers).toMatchObject([{ status: 'confirmed', ending: 'end key' }]);
});

test('a driver that registers while the others are being stopped is waited for, too', async () => {
  await using one = await driver('pod-0');
  await one.control.register();
  {
    await using first = await driver('pod-1', { resumeFrom: 'etcd' });
    await first.control.register();
  }
  const { report, steps } = stop();
  await vi.waitFor(() => expect(steps.at(-1)).toBe('0 of 1 drivers have ended, not pod-0'), LONG);
  await using moved = await driver('pod-1', { resumeFrom: 'etcd' });
  await moved.control.register();
  await vi.waitFor(() => expect(steps.at(-1)).toBe('0 of 2 drivers have ended, not pod-0, pod-1'), LONG);
  for (const { control } of [one, moved]) await control.confirm(progress, 'end key');
  expect((await report).drivers.map(({ status }) => status)).toEqual(['confirmed', 'confirmed']);
});

test('where etcd takes no writes the end key can’t be written: what to do is said', async () => {
  await using small = await startEtcd({ flags: { 'quota-backend-bytes': 1_000_000 } });
  const controlAccess = { endpoints: small.endpoints };
  await using filler = await WireClient.connect(controlAccess);
  const fill = async () => {
    for (let number = 0; ; number += 1) await filler.put(`/full/${number}`, Buffer.alloc(50_000));
  };
  await expect(fill()).rejects.toThrow('database space exceeded');
  await expect(stop({ controlAccess }).report).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining(`${END_KEY} can't be written: `),
    hint: expect.stringContaining('disarm the alarm'),
  });
});

test('Ctrl-C ends the waiting', async () => {
  await using one = await driver('pod-0');
  await one.control.register();
  const interruption = new AbortController();
  const { report, steps } = stop({ signal: interruption.signal });
  await vi.waitFor(() => expect(steps.at(-1)).toMatch(/not pod-0/), LONG);
  interruption.abort(new Error('interrupted'));
  await expect(report).rejects.toThrow('interrupted');
});
