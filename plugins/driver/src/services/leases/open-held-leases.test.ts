import { Series } from '@etcdperf/core/load';
import { startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type HeldLeaseOptions, openHeldLeases } from './open-held-leases.ts';

const { signal } = new AbortController();
const WAIT = { timeout: 60_000, interval: 20 };
let cluster: TestCluster;
let client: WireClient;
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints });
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});
const inEtcd = async () => (await client.leases()).ids;
beforeEach(async () => expect(await inEtcd()).toHaveLength(0));

/** Holds leases until `end()`, which resolves with all that was counted. */
function hold(leases: Partial<HeldLeaseOptions['leases']>, options: Partial<HeldLeaseOptions> = {}) {
  const source = openHeldLeases({
    access: { endpoints: cluster.endpoints },
    leases: { count: 300, ttlSeconds: 60, rampMs: 0, ...leases },
    connections: 2,
    timeoutMs: 5000,
    end: 'revoke',
    interruption: new AbortController().signal,
    ...options,
  });
  const abort = new AbortController();
  const running = (async () => {
    await source.prepare(abort.signal);
    await source.run(abort.signal, () => undefined);
  })();
  const series = new Map<string, Series>();
  const take = async () => {
    const figures = await source.take();
    for (const one of figures.series) {
      const sum = series.get(one.name) ?? new Series(one.name);
      sum.merge(one);
      series.set(one.name, sum);
    }
    return figures;
  };
  return {
    source,
    take,
    series: (name: string) => series.get(name)!,
    async end() {
      abort.abort();
      await running;
      return take();
    },
  };
}

test('as many as asked are in etcd, over the ramp, and none is left behind', async () => {
  const { source, take, series, end } = hold({ count: 300, rampMs: 600 });
  const startedAt = performance.now();
  await vi.waitFor(() => expect(source.held).toBe(300), WAIT);
  // The last is due right before its end.
  expect(performance.now() - startedAt).toBeGreaterThan(590);
  expect(await inEtcd()).toHaveLength(300);
  expect(source.grantedTtlSeconds).toBe(60);
  expect((await take()).counters).toMatchObject({ leases: 300, leasesLost: 0 });
  await end();
  expect(series('grant')).toMatchObject({ ok: 300, fail: 0, unknown: 0 });
  // They are held for as long as nobody says that it is enough.
  expect(await inEtcd()).toHaveLength(300);
  expect(await source.release(signal)).toEqual({ revoked: 300, left: 0 });
  expect(await inEtcd()).toHaveLength(0);
  await source[Symbol.asyncDispose]();
});

test('ended while they are granted: disposal leaves nothing behind', async () => {
  const { source, end } = hold({ count: 100_000, rampMs: 100_000 });
  await vi.waitFor(() => expect(source.held).toBeGreaterThan(50), WAIT);
  await end();
  await source[Symbol.asyncDispose]();
  expect(await inEtcd()).toHaveLength(0);
});

test('left to run out where that is asked for; what etcd grants is told', async () => {
  const { source, end } = hold({ count: 20, ttlSeconds: 1 }, { end: 'expire' });
  await vi.waitFor(() => expect(source.held).toBe(20), WAIT);
  expect(source.grantedTtlSeconds).toBe(2);
  await end();
  expect(await source.release(signal)).toEqual({ revoked: 0, left: 20 });
  await source[Symbol.asyncDispose]();
  await vi.waitFor(async () => expect(await inEtcd()).toHaveLength(0), WAIT);
});

test('kept alive for longer than their TTL, also over a connection that breaks', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const access = { endpoints: [`http://${proxy.address}`] };
  const { source, take, series, end } = hold({ count: 200, ttlSeconds: 6 }, { access });
  await vi.waitFor(() => expect(source.held).toBe(200), WAIT);
  const ids = (await inEtcd()).toSorted();
  proxy.cut();
  proxy.heal();
  const kept = async () => {
    await take();
    return series('keepalive').ok;
  };
  // Each four times: the TTL is over by then.
  await vi.waitFor(async () => expect(await kept()).toBeGreaterThanOrEqual(800), WAIT);
  expect((await inEtcd()).toSorted()).toEqual(ids);
  const { counters } = await end();
  expect(counters).toMatchObject({ leases: 200, leasesLost: 0 });
  expect(counters.keepaliveBreaks).toBeGreaterThan(0);
  await source[Symbol.asyncDispose]();
});

test('one that somebody else ends is counted as lost, and granted anew', async () => {
  const { source, take, end } = hold({ count: 50, ttlSeconds: 6 });
  await vi.waitFor(() => expect(source.held).toBe(50), WAIT);
  await client.leaseRevoke((await inEtcd())[7]!);
  await vi.waitFor(async () => expect((await take()).counters.leasesLost).toBe(1), WAIT);
  await vi.waitFor(() => expect(source.held).toBe(50), WAIT);
  expect(await inEtcd()).toHaveLength(50);
  await end();
  expect(await source.release(signal)).toEqual({ revoked: 50, left: 0 });
  await source[Symbol.asyncDispose]();
});

test('etcd is gone when they are to be revoked: said, and given up in time', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const access = { endpoints: [`http://${proxy.address}`] };
  const told: number[] = [];
  const onLeft = (left: number) => void told.push(left);
  const { source, end } = hold({ count: 20, ttlSeconds: 5 }, { access, timeoutMs: 1000, onLeft });
  await vi.waitFor(() => expect(source.held).toBe(20), WAIT);
  await end();
  proxy.cut();
  expect(await source.release(AbortSignal.timeout(500))).toEqual({ revoked: 0, left: 20 });
  expect(told).toEqual([20]);
  await source[Symbol.asyncDispose]();
  await vi.waitFor(async () => expect(await inEtcd()).toHaveLength(0), WAIT);
});
