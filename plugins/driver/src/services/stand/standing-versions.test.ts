import { startEtcd } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { openPatternSpace, parsePattern } from '@etcdperf/core/workload';
import { describe, expect, test, vi } from 'vitest';
import { openHeldLeases } from '../leases/open-held-leases.ts';
import { openTreeWatches } from '../watches/open-tree-watches.ts';
import { WatchedNodes } from '../watches/watched-nodes.ts';

const WAIT = { timeout: 30_000, interval: 20 };
const { signal } = new AbortController();

describe.each(['3.4', '3.5'])('etcd %s', (version) => {
  test('watches and leases stand as with 3.6', async () => {
    await using cluster = await startEtcd({ version });
    const access = { endpoints: cluster.endpoints };
    await using client = await WireClient.connect(access);
    const space = openPatternSpace(parsePattern('/old/%a-%d[3]/%b-%d[4];#8'), { ip: '', seed: 1 });
    const nodes = new WatchedNodes(space, { perLevel: [1, 'every', 2], prefix: true, rereadIntervalMs: undefined });
    await using watches = openTreeWatches({ access, space, nodes, connections: 2 });
    await watches.prepare(signal);
    const startedAt = performance.now();
    const { header } = await client.put('/old/a-1/b-0', 'x');
    watches.writes.onPutEnded(4, 0, 'ok', header.revision, performance.now(), startedAt);
    await client.deleteRange('/old/a-1/', { prefix: true });
    let events = 0;
    let delivered = 0;
    await vi.waitFor(async () => {
      const { counters, series } = await watches.take();
      events = counters.watchEvents ?? 0;
      delivered += series[0]!.ok;
      expect(counters).toMatchObject({ watchers: 6, watchEvents: 4 });
    }, WAIT);
    expect({ events, delivered }).toEqual({ events: 4, delivered: 2 });

    const held = { count: 100, ttlSeconds: 30, rampMs: 100 };
    const options = {
      access,
      leases: held,
      connections: 1,
      timeoutMs: 5000,
      end: 'revoke',
      interruption: signal,
    } as const;
    await using leases = openHeldLeases(options);
    const end = new AbortController();
    await leases.prepare(signal);
    const run = leases.run(end.signal, () => undefined);
    await vi.waitFor(() => expect(leases.held).toBe(100), WAIT);
    expect((await client.leases()).ids).toHaveLength(100);
    end.abort();
    await run;
    expect(await leases.release(signal)).toEqual({ revoked: 100, left: 0 });
    expect((await client.leases()).ids).toHaveLength(0);
  });
});
