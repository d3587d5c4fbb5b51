import { scrapeMember } from '@etcdperf/core/etcd';
import { startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { openPatternSpace, parsePattern, type TreeWatches } from '@etcdperf/core/workload';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { WatchObserver } from '../verify/watch-observer.ts';
import { openTreeWatches } from './open-tree-watches.ts';
import { WatchedNodes } from './watched-nodes.ts';

const WAIT = { timeout: 30_000, interval: 10 };
const signal = new AbortController().signal;
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

/** All that was told of each watcher, as `revision type key`. */
class Seen implements WatchObserver {
  readonly events: string[][] = [];
  readonly gaps: [watcher: number, toRevision: number][] = [];
  allInPlaceAt = 0;

  onEvent(watcher: number, key: number, type: string, _bytes: Buffer, _from: number, _to: number, revision: number) {
    this.events[watcher] ??= [];
    this.events[watcher].push(`${revision} ${type} ${key}`);
  }

  onGap(watcher: number, toRevision: number): void {
    this.gaps.push([watcher, toRevision]);
  }

  onEnded(): void {}

  onAllInPlace(revision: number): void {
    this.allInPlaceAt = revision;
  }
}

function watch(
  prefix: string,
  perLevel: TreeWatches['perLevel'],
  options: { endpoints?: string[]; alone?: boolean } = {},
) {
  const space = openPatternSpace(parsePattern(`/${prefix}/%a-%d[3]/%b-%d[4]/%c-%d[2];#8`), { ip: '', seed: 1 });
  const nodes = new WatchedNodes(space, { perLevel, prefix: options.alone !== true, rereadIntervalMs: undefined });
  const seen = new Seen();
  const access = { endpoints: options.endpoints ?? cluster.endpoints };
  const source = openTreeWatches({ access, space, nodes, connections: 2, observer: seen });
  const key = (number: number) => {
    const bytes = Buffer.alloc(space.maxKeyBytes);
    return bytes.subarray(0, space.writeKey(bytes, 0, number));
  };
  return { space, nodes, seen, source, key };
}

const watchersInEtcd = async () =>
  (await scrapeMember({ endpoints: cluster.endpoints }, cluster.endpoints[0]!)).value(
    'etcd_debugging_mvcc_watcher_total',
  );

test('watchers stand at each level as asked, in etcd’s own count, and are gone afterwards', async () => {
  const { source, nodes, seen } = watch('count', [1, 'every', 5, 'every']);
  expect(nodes.watchers).toBe(1 + 3 + 5 + 24);
  await source.prepare(signal);
  expect(await watchersInEtcd()).toBe(33);
  expect((await source.take()).counters).toMatchObject({ watchers: 33, watchEvents: 0, watchGaps: 0 });
  expect(seen.allInPlaceAt).toBeGreaterThan(0);
  const end = new AbortController();
  const phases: string[] = [];
  const run = source.run(end.signal, (phase) => void phases.push(phase));
  end.abort();
  await run;
  expect(phases).toEqual(['measured', 'done']);
  await source[Symbol.asyncDispose]();
  await vi.waitFor(async () => expect(await watchersInEtcd()).toBe(0), WAIT);
});

test('who watches all below a node sees its keys, who watches a node alone its own; bytes and lag are counted', async () => {
  const { source, seen, key } = watch('tree', [1, 'every', 0, 'every']);
  await source.prepare(signal);
  const startedAt = performance.now();
  const { header } = await client.put(key(9), 'value');
  source.writes.onPutEnded(9, 0, 'ok', header.revision, performance.now(), startedAt);
  await client.deleteRange('/tree/a-1/', { prefix: true });
  await vi.waitFor(() => expect(seen.events[0]).toHaveLength(2), WAIT);
  // The root, the second of level 1, the tenth leaf.
  const told = [`${header.revision} put 9`, `${header.revision + 1} delete 9`];
  await vi.waitFor(() => expect([seen.events[1 + 1], seen.events[1 + 3 + 9]]).toEqual([told, told]), WAIT);
  expect(Object.keys(seen.events)).toEqual(['0', '2', '13']);
  const { series, counters } = await source.take();
  expect(series.map(({ name, ok }) => [name, ok])).toEqual([['watch delivery', 3]]);
  expect(series[0]!.latency.percentile(100)).toBeLessThanOrEqual((performance.now() - startedAt) * 1e6);
  const bytes = 3 * (2 * key(9).length + 'value'.length);
  expect(counters).toMatchObject({ watchEvents: 6, watchEventBytes: bytes, watchDuplicates: 0, watchReordered: 0 });
  await source[Symbol.asyncDispose]();
  // Alone: nothing below.
  const alone = watch('alone', [1, 'every', 0, 'every'], { alone: true });
  await alone.source.prepare(signal);
  await client.put(alone.key(0), 'x');
  await vi.waitFor(() => expect(Object.keys(alone.seen.events)).toEqual(['4']), WAIT);
  await alone.source[Symbol.asyncDispose]();
});

test('every event once and in order, however often the connection is cut', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const { source, seen, key } = watch('cut', [1, 'every', 'every', 'every'], {
    endpoints: [`http://${proxy.address}`],
  });
  await source.prepare(signal);
  const told: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const writes = Array.from({ length: 40 }, async (_, index) => {
      const number = (round * 40 + index) % 24;
      const { header } = await client.put(key(number), `${round}`);
      return [header.revision, `${header.revision} put ${number}`] as const;
    });
    if (round % 2 === 1) proxy.cut();
    const written = await Promise.all(writes);
    told.push(...written.toSorted(([a], [b]) => a - b).map(([, text]) => text));
    // Those of one revision come in the order of the keys.
    const { header } = await client.deleteRange('/cut/a-2/b-0/', { prefix: true });
    told.push(`${header.revision} delete 16`, `${header.revision} delete 17`);
    proxy.heal();
  }
  await vi.waitFor(() => expect(seen.events[0]?.length).toBe(told.length), WAIT);
  await vi.waitFor(() => expect(source.isWhole).toBe(true), WAIT);
  expect(seen.events[0]).toEqual(told);
  const below = (first: number, end: number) =>
    told.filter((text) => Number(text.split(' ')[2]) >= first && Number(text.split(' ')[2]) < end);
  const all = [
    ...[0, 8, 16].map((first) => below(first, first + 8)),
    ...Array.from({ length: 12 }, (_, node) => below(node * 2, node * 2 + 2)),
    ...Array.from({ length: 24 }, (_, leaf) => below(leaf, leaf + 1)),
  ];
  await vi.waitFor(() => expect(seen.events.slice(1)).toEqual(all), WAIT);
  const { counters } = await source.take();
  expect(counters).toMatchObject({ watchDuplicates: 0, watchReordered: 0, watchGaps: 0, watchers: 40 });
  expect(counters.watchesResumed).toBeGreaterThanOrEqual(40);
  expect(counters.watchDisconnects).toBeGreaterThanOrEqual(2);
  await source[Symbol.asyncDispose]();
});

test('what is compacted while a watcher is away is a gap, up to a revision', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const { source, seen, key } = watch('gap', [2], { endpoints: [`http://${proxy.address}`] });
  await source.prepare(signal);
  proxy.cut();
  await client.put(key(0), 'never seen');
  const { header } = await client.put(key(1), 'the first that is left');
  await client.compact(header.revision);
  proxy.heal();
  await vi.waitFor(() => expect(seen.events.map((events) => events.length)).toEqual([1, 1]), WAIT);
  expect(seen.gaps.toSorted(([a], [b]) => a - b)).toEqual([
    [0, header.revision - 1],
    [1, header.revision - 1],
  ]);
  expect(seen.events[0]).toEqual([`${header.revision} put 1`]);
  expect((await source.take()).counters).toMatchObject({ watchGaps: 2, watchReordered: 0, watchDuplicates: 0 });
  await source[Symbol.asyncDispose]();
});

test('a subtree of megabytes is deleted, the connection breaks in the middle of telling: each key once', async () => {
  await using large = await startEtcd({ flags: { 'max-request-bytes': 1000 } });
  await using writer = await WireClient.connect({ endpoints: large.endpoints });
  await using proxy = await startTcpProxy(large.members[0]!.clientPort);
  const name = 'k'.repeat(400);
  const space = openPatternSpace(parsePattern(`/large/%${name}-%d[4000];#8`), { ip: '', seed: 1 });
  const nodes = new WatchedNodes(space, { perLevel: [1], prefix: true, rereadIntervalMs: undefined });
  for (let key = 0; key < space.size; key += 200)
    await Promise.all(Array.from({ length: 200 }, (_, index) => writer.put(`/large/${name}-${key + index}`, 'v')));
  const told: number[] = [];
  const observer: WatchObserver = {
    onEvent: (_watcher, key) => void told.push(key),
    onGap: () => undefined,
    onEnded: () => undefined,
    onAllInPlace: () => undefined,
  };
  const access = { endpoints: [`http://${proxy.address}`] };
  await using source = openTreeWatches({ access, space, nodes, connections: 1, observer });
  await source.prepare(signal);
  // Of 1.7 MB, in pieces of half a megabyte. Twice: what was told before comes again, and then some more.
  proxy.cutAfter(800_000);
  const { deleted } = await writer.deleteRange('/large/', { prefix: true });
  expect(deleted).toBe(4000);
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(0), WAIT);
  await vi.waitFor(() => expect(proxy.connections).toBe(0), WAIT);
  const first = told.length;
  proxy.cutAfter(1_300_000);
  proxy.heal();
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(first), WAIT);
  await vi.waitFor(() => expect(proxy.connections).toBe(0), WAIT);
  const second = told.length;
  proxy.heal();
  await vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(4000), WAIT);
  expect([first < second, second < 4000]).toEqual([true, true]);
  expect(told).toHaveLength(4000);
  expect(new Set(told).size).toBe(4000);
  expect((await source.take()).counters).toMatchObject({ watchEvents: 4000, watchDuplicates: 0, watchGaps: 0 });
});
