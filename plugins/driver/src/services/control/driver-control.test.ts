import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InputError } from '@etcdperf/core/errors';
import { findEtcdTool, startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { controlOf } from '../../testing/control-of.ts';
import { controlKeys } from './control-keys.ts';

const LONG = { timeout: 40_000, interval: 50 };
const END_KEY = '/prefix/testEnd';
const { live } = controlKeys(END_KEY, 'pod-0');

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

const driver = (options: Parameters<typeof controlOf>[1] = {}) => controlOf({ endpoints: etcd.endpoints }, options);
const read = async (key: string) => (await client.range(key)).kvs[0];
const revision = async () => (await client.range('x')).header.revision;

test('a driver is registered as long as it lives', async () => {
  {
    await using one = await driver();
    expect(await read(live)).toBeUndefined();
    await one.control.register();
    const record = JSON.parse((await read(live))!.value.toString());
    expect(record).toMatchObject({
      name: 'pod-0',
      pid: process.pid,
      firstKey: '/keys/10.0.0.1/key-000000',
      phase: 'load',
    });
    one.control.save({ phase: 'steady', loaded: 10, nextWrite: 10, counters: {} });
    await vi.waitFor(async () => expect((await read(live))?.value.toString()).toContain('"phase":"steady"'), LONG);
    expect(one.told.infos).toEqual([]);
  }
  expect(await read(live)).toBeUndefined();
});

test('the end key ends a run, and refuses one that would begin; nothing is written for that', async () => {
  await using one = await driver();
  await one.control.register();
  expect(one.control.ended.aborted).toBe(false);
  await client.put(END_KEY, 'true');
  await vi.waitFor(() => expect(one.control.ended.aborted).toBe(true), LONG);
  expect(one.control.end).toEqual({ kind: 'end-key' });
  const before = await revision();
  await expect(driver({ name: 'pod-1', ip: '10.0.0.2' })).rejects.toThrow(InputError);
  await expect(driver({ name: 'pod-1', ip: '10.0.0.2' })).rejects.toThrow(
    `the end key ${END_KEY} says that runs are to end`,
  );
  expect(await revision()).toBe(before);
});

test('an end key that is written just before the registration is seen by it', async () => {
  await using one = await driver();
  await client.put(END_KEY, 'true');
  await expect(one.control.register()).rejects.toThrow('says that runs are to end');
  expect(await read(live)).toBeUndefined();
  await client.put(END_KEY, 'not yet');
  await one.control.register();
  expect(await read(live)).toBeDefined();
});

test('two drivers of one name are told apart, two on one hierarchy are refused before anything is written', async () => {
  await using one = await driver();
  await one.control.register();
  await using other = await driver({ ip: '10.0.0.2' });
  await other.control.register();
  expect(other.control.name).toBe('pod-0-2');
  const before = await revision();
  await expect(driver({ name: 'pod-1' })).rejects.toThrow(/'pod-0' .* works on the same hierarchy/);
  // Drivers that end by another key are none the less there.
  await expect(driver({ name: 'pod-1', endKey: '/other' })).rejects.toThrow(InputError);
  expect(await revision()).toBe(before);
  await using guest = await driver({ name: 'pod-1', workload: { load: undefined } });
  await guest.control.register();
  expect(guest.told.findings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/works on the same hierarchy, .*: so does this one/),
  ]);
  await using sharing = await driver({ name: 'pod-2', sharesHierarchy: true });
  await sharing.control.register();
});

test('of two that begin at the same moment on one hierarchy, one is refused', async () => {
  await using one = await driver({ name: 'pod-1' });
  await using other = await driver({ name: 'pod-2' });
  const results = await Promise.allSettled([one.control.register(), other.control.register()]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const { kvs } = await client.range('/etcdperf/drivers/', { prefix: true });
  expect(kvs).toHaveLength(1);
});

test('on a control cluster of its own, with TLS, drivers of two clusters under test do not meet', async () => {
  await using secure = await startEtcd({ tls: 'mutual' });
  const { ca, client: tls } = secure.certificates!;
  const controlAccess = { endpoints: secure.endpoints, tls: { ca, ...tls } };
  await using other = await startEtcd();
  await using one = await driver({ controlAccess });
  await one.control.register();
  await expect(driver({ controlAccess, name: 'pod-1' })).rejects.toThrow('works on the same hierarchy');
  await using elsewhere = await controlOf({ endpoints: other.endpoints }, { controlAccess, name: 'pod-1' });
  await elsewhere.control.register();
  await using admin = await WireClient.connect(controlAccess);
  await admin.put(END_KEY, 'true');
  await vi.waitFor(() => expect([one, elsewhere].every(({ control }) => control.ended.aborted)).toBe(true), LONG);
  expect((await client.range('/', { prefix: true })).count).toBe(0);
});

test('with a login; a right that is missing is told', async () => {
  await using guarded = await startEtcd();
  const etcdctl = await findEtcdTool('etcdctl');
  for (const line of [
    'role add root',
    'role add driver',
    'role grant-permission --prefix driver readwrite /etcdperf/drivers/',
    `role grant-permission driver read ${END_KEY}`,
    'role add nothing',
    'user add root:secret',
    'user add driver:drives',
    'user add nobody:nothing',
    'user grant-role root root',
    'user grant-role driver driver',
    'user grant-role nobody nothing',
    'auth enable',
  ]) {
    await promisify(execFile)(etcdctl, [`--endpoints=${guarded.endpoints.join(',')}`, ...line.split(' ')]);
  }
  const accessOf = (user: string, password: string) => ({ endpoints: guarded.endpoints, auth: { user, password } });
  const controlAccess = accessOf('driver', 'drives');
  await expect(driver({ controlAccess: accessOf('nobody', 'nothing') })).rejects.toThrow('permission denied');
  await using one = await driver({ controlAccess, resumeFrom: 'etcd' });
  await one.control.register();
  await using root = await WireClient.connect(accessOf('root', 'secret'));
  expect((await root.range('/etcdperf/drivers/', { prefix: true })).count).toBe(2);
  await root.put(END_KEY, 'true');
  await vi.waitFor(() => expect(one.control.ended.aborted).toBe(true), LONG);
  const progress = { phase: 'load' as const, loaded: 0, nextWrite: 0, counters: {} };
  expect(await one.control.confirm(progress, 'end key')).toBe(true);
});

test('while the control cluster is down the run goes on; it is told once, and the registration comes back', async () => {
  await using control = await startEtcd();
  const controlAccess = { endpoints: control.endpoints };
  await using one = await driver({ controlAccess, resumeFrom: 'etcd' });
  await one.control.register();
  const [member] = control.members;
  await member!.kill();
  const progress = { phase: 'steady' as const, loaded: 10, nextWrite: 10, counters: { puts: 7 } };
  await vi.waitFor(() => {
    one.control.save(progress);
    expect(one.told.infos).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^the control cluster fails: .*; the load goes on$/),
        expect.stringMatching(/^saving the state fails: /),
      ]),
    );
  }, LONG);
  expect(one.control.ended.aborted).toBe(false);
  await member!.restart();
  await using looking = await WireClient.connect(controlAccess);
  await vi.waitFor(async () => {
    one.control.save(progress);
    expect((await looking.range(live)).count).toBe(1);
    expect(one.told.infos).toEqual([
      expect.stringMatching(/ fails: /),
      expect.stringMatching(/ fails: /),
      expect.stringMatching(/ works again, after \d+ s$/),
      expect.stringMatching(/ works again, after \d+ s$/),
    ]);
  }, LONG);
  await looking.put(END_KEY, 'true');
  await vi.waitFor(() => expect(one.control.ended.aborted).toBe(true), LONG);
  expect(await one.control.confirm(progress, 'end key')).toBe(true);
});

test('who was cut off while another took its place ends, and does not overwrite its state', async () => {
  await using proxy = await startTcpProxy(etcd.members[0]!.clientPort);
  const cutOff = { endpoints: [`http://${proxy.address}`] };
  const old = await controlOf(cutOff, { resumeFrom: 'etcd' });
  await old.control.register();
  proxy.cut();
  await using young = await driver({ resumeFrom: 'etcd' });
  await young.control.register();
  expect(young.control.resumed).toMatchObject({ loaded: 0 });
  young.control.save({ phase: 'load', loaded: 5, nextWrite: 2_000_000, counters: { puts: 5 } });
  const late = { phase: 'load' as const, loaded: 1, nextWrite: 1, counters: { puts: 1 } };
  old.control.save(late);
  proxy.heal();
  await vi.waitFor(() => expect(old.control.end).toMatchObject({ kind: 'superseded', by: { name: 'pod-0' } }), LONG);
  expect(old.control.ended.aborted).toBe(true);
  old.control.save(late);
  await old.control[Symbol.asyncDispose]();
  const { state } = controlKeys(END_KEY, 'pod-0');
  const saved = async () => JSON.parse((await read(state))!.value.toString());
  await vi.waitFor(async () => expect(await saved()).toMatchObject({ loaded: 5, counters: { puts: 5 } }), LONG);
});

test('a driver is ended within its grace of 10 s, also where the control cluster hangs', async () => {
  await using proxy = await startTcpProxy(etcd.members[0]!.clientPort);
  const { control } = await controlOf({ endpoints: [`http://${proxy.address}`] }, { resumeFrom: 'etcd' });
  await control.register();
  proxy.blackhole();
  control.save({ phase: 'steady', loaded: 10, nextWrite: 10, counters: { puts: 7 } });
  const since = performance.now();
  await control[Symbol.asyncDispose]();
  expect(performance.now() - since).toBeLessThan(8000);
});

test('a second driver that would take up the state of one that lives is refused', async () => {
  await using one = await driver({ resumeFrom: 'etcd' });
  await one.control.register();
  const twin = driver({ resumeFrom: 'etcd' });
  await expect(twin).rejects.toThrow(`there is a driver of the name 'pod-0': process ${process.pid}`);
  await expect(twin).rejects.toThrow(InputError);
  expect(await read(live)).toBeDefined();
});

test('of two that would take up one state at the same moment, one is refused', async () => {
  await using one = await driver({ resumeFrom: 'etcd' });
  await using other = await driver({ resumeFrom: 'etcd' });
  const results = await Promise.allSettled([one.control.register(), other.control.register()]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('what a driver saves while its successor waits for it is taken up', async () => {
  const context = { registrationTtlSeconds: 5 };
  await using old = await driver({ resumeFrom: 'etcd', context });
  await old.control.register();
  const progress = { phase: 'steady' as const, loaded: 7, nextWrite: 70, counters: { puts: 70 } };
  let begunMs = 0;
  const young = driver({
    resumeFrom: 'etcd',
    context: {
      ...context,
      onStep: (text) => {
        if (begunMs > 0 || !text.startsWith('waiting for')) return;
        begunMs = Date.now();
        old.control.save(progress);
        void old.control[Symbol.asyncDispose]();
      },
    },
  });
  await using next = await young;
  expect(next.control.resumed).toMatchObject({ loaded: 7, counters: { puts: 70 } });
  const [gap] = next.control.resumed!.gaps;
  expect(Date.parse(gap!.to)).toBeGreaterThanOrEqual(begunMs);
});

test('a clock that is stepped moves stamps and nothing else', async () => {
  let clockMs = Date.parse('2026-05-01T12:00:00Z');
  const context = { wallClock: () => clockMs };
  const progress = { phase: 'steady' as const, loaded: 10, nextWrite: 10, counters: { puts: 1 } };
  const { state } = controlKeys(END_KEY, 'pod-0');
  const savedAt = async () => JSON.parse((await read(state))!.value.toString()).savedAt;
  {
    await using one = await driver({ resumeFrom: 'etcd', context });
    await one.control.register();
    expect(await savedAt()).toBe('2026-05-01T12:00:00.000Z');
    const { lease } = (await read(live))!;
    clockMs -= 3_600_000;
    one.control.save(progress);
    await vi.waitFor(async () => expect(await savedAt()).toBe('2026-05-01T11:00:00.000Z'), LONG);
    clockMs += 7_200_000;
    one.control.save(progress);
    await vi.waitFor(async () => expect(await savedAt()).toBe('2026-05-01T13:00:00.000Z'), LONG);
    // Of 2 s; kept alive longer than that, by whatever clock.
    const since = performance.now();
    await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(3000), LONG);
    expect((await read(live))?.lease).toBe(lease);
    expect(one.control.ended.aborted).toBe(false);
  }
  // The next one begins on a host whose clock is behind.
  clockMs -= 60_000;
  await using next = await driver({ resumeFrom: 'etcd', context });
  expect(next.control.resumed?.gaps).toEqual([{ from: '2026-05-01T13:00:00.000Z', to: '2026-05-01T13:00:00.000Z' }]);
});
