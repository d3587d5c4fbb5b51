import type { PatternSpace } from '@etcdperf/core/workload';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSpace } from '../../testing/driver-space.ts';
import { SimulatedCluster, type SimulatedEvent } from '../../testing/simulated-cluster.ts';
import { WatchedNodes } from '../watches/watched-nodes.ts';
import { EventLedger } from './event-ledger.ts';
import { findLostEvents } from './find-lost-events.ts';
import { Findings } from './findings.ts';
import { FollowedKeys } from './followed-keys.ts';
import { judgeRead, knownOf } from './judge-read.ts';
import { KeyLedger } from './key-ledger.ts';
import { keyBytes } from './read-key.ts';
import { StampCodec } from './stamp-codec.ts';
import { StampedSpace } from './stamped-space.ts';
import { StampedValues } from './stamped-values.ts';
import { WatcherIndex } from './watcher-index.ts';
import { WatcherStates } from './watcher-states.ts';

const plain = openSpace('/histories/%a-%d[3]/%leaf-%d[4];[0-9]{20,30}');

/** All that judges, and a cluster for it to judge: 12 keys in 3 nodes, two watchers for each node and one for each key. */
function open(seed: number, { perLevel = [0, 6, 'every'] as const, mostAwaited = 1000, mostOpenPuts = 1000 } = {}) {
  const codec = new StampCodec('0123456789', plain.values.minBytes);
  const space: PatternSpace = new StampedSpace(plain, new StampedValues(plain.values, codec));
  const keys = new FollowedKeys(space.size, space.size, 1);
  const findings = new Findings(space, 100);
  const ledger = new KeyLedger({ keys, codec, findings, firstWrite: 0, mostOpenPuts });
  const nodes = new WatchedNodes(space, { perLevel, prefix: true, rereadIntervalMs: undefined });
  const states = new WatcherStates(new WatcherIndex(space, nodes), nodes.watchers);
  const events = new EventLedger(ledger, states, mostAwaited);
  const cluster = new SimulatedCluster(seed, { space, nodes, writes: ledger, watches: events });
  return { space, ledger, findings, events, cluster };
}

type Parts = ReturnType<typeof open>;

/** What `conclude()` does, on the simulated store. */
function conclude({ ledger, events, cluster }: Parts): number {
  for (let key = 0; key < ledger.keys.size; key += 1)
    judgeRead(ledger, key, knownOf(ledger, key), cluster.store.get(key));
  return findLostEvents(ledger, events, 'over');
}

/** A history in which everything is told. */
function tellAll({ cluster, events, ledger }: Parts, steps: number): void {
  cluster.run(steps);
  events.onAllInPlace(cluster.revision);
  for (let round = 0; round < 4; round += 1) {
    cluster.run(steps);
    findLostEvents(ledger, events, 'goes-on');
  }
  cluster.settle();
}

const seeds = fc.integer();
const steps = fc.integer({ min: 10, max: 300 });

test('whatever etcd may do is right', () => {
  fc.assert(
    fc.property(seeds, steps, (seed, count) => {
      const parts = open(seed);
      tellAll(parts, count);
      parts.cluster.drain();
      expect(conclude(parts)).toBe(0);
      expect(parts.findings.list).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('what is not told in time is awaited, not lost', () => {
  fc.assert(
    fc.property(seeds, steps, (seed, count) => {
      const parts = open(seed);
      tellAll(parts, count);
      const isBehind = parts.cluster.queues.some((queue) => queue.length > 0);
      const left = conclude(parts);
      expect(parts.findings.list).toEqual([]);
      if (left > 0) expect(isBehind).toBe(true);
      parts.cluster.drain();
      expect(conclude(parts)).toBe(0);
      expect(parts.findings.list).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/**
 * Ruins what one watcher is told.
 *
 * @param ruin changes its queue; returns the event that it harmed, undefined where it couldn't
 */
function ruined(
  seed: number,
  count: number,
  ruin: (queue: SimulatedEvent[], parts: Parts, watcher: number) => SimulatedEvent | undefined,
) {
  const parts = open(seed);
  tellAll(parts, count);
  let harmed: SimulatedEvent | undefined;
  parts.cluster.queues.some((queue, watcher) => {
    harmed = ruin(queue, parts, watcher);
    return harmed !== undefined;
  });
  parts.cluster.drain();
  conclude(parts);
  const found = parts.findings.list.map(({ kind, key, revision }) => ({ kind, key, revision }));
  return { parts, harmed, found };
}

const identified = (parts: Parts, { key, revision }: SimulatedEvent) => ({
  key: keyBytes(parts.space, key).toString(),
  revision,
});

/** An acknowledged put with something later behind it, by this watcher's queue. */
const lastButOne = (queue: readonly SimulatedEvent[]) =>
  queue.findLastIndex((event, at) => {
    const next = queue[at + 1];
    return event.type === 'put' && event.outcome === 'ok' && next !== undefined && next.revision > event.revision;
  });

test.each<[string, Parameters<typeof ruined>[2]]>([
  [
    'lost-event',
    (queue) => {
      const at = lastButOne(queue);
      return at === -1 ? undefined : queue.splice(at, 1)[0];
    },
  ],
  [
    'duplicate-event',
    (queue) => {
      const at = lastButOne(queue);
      if (at === -1) return undefined;
      queue.splice(at, 0, queue[at]!);
      return queue[at];
    },
  ],
  [
    'reordered-event',
    (queue) => {
      const at = lastButOne(queue);
      if (at === -1) return undefined;
      [queue[at], queue[at + 1]] = [queue[at + 1]!, queue[at]!];
      return queue[at + 1];
    },
  ],
  [
    'wrong-event',
    (queue) => {
      const at = lastButOne(queue);
      if (at === -1) return undefined;
      queue[at] = { ...queue[at]!, type: 'delete', value: Buffer.alloc(0) };
      return queue[at];
    },
  ],
  [
    'wrong-value',
    (queue) => {
      const at = lastButOne(queue);
      if (at === -1) return undefined;
      const value = Buffer.from(queue[at]!.value);
      value[5]! ^= 1;
      queue[at] = { ...queue[at]!, value };
      return queue[at];
    },
  ],
])('%s: found, and nothing else', (kind, ruin) => {
  let tried = 0;
  fc.assert(
    fc.property(seeds, fc.integer({ min: 100, max: 300 }), (seed, count) => {
      const { parts, harmed, found } = ruined(seed, count, ruin);
      if (harmed === undefined) expect(found).toEqual([]);
      else {
        tried += 1;
        expect(found).toEqual([{ kind, ...identified(parts, harmed) }]);
      }
    }),
    { numRuns: 300 },
  );
  expect(tried).toBeGreaterThan(100);
});

test('what compaction took is a gap; what is lost after it is lost', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 100, max: 300 }), (seed, count) => {
      const { parts, harmed, found } = ruined(seed, count, (queue, { events }, watcher) => {
        const at = lastButOne(queue);
        if (at < 2) return undefined;
        const compacted = queue[at - 1]!.revision;
        if (queue[at]!.revision === compacted) return undefined;
        events.onGap(watcher, compacted);
        return queue.splice(0, at + 1).at(-1);
      });
      expect(found).toEqual(harmed === undefined ? [] : [{ kind: 'lost-event', ...identified(parts, harmed) }]);
      expect(parts.findings.gapCount).toBe(harmed === undefined ? 0 : 1);
    }),
    { numRuns: 300 },
  );
});

test('a watch that etcd ended owes nothing', () => {
  fc.assert(
    fc.property(seeds, steps, (seed, count) => {
      const parts = open(seed);
      tellAll(parts, count);
      parts.events.onEnded(3);
      parts.cluster.queues[3]!.length = 0;
      parts.cluster.drain();
      expect(conclude(parts)).toBe(0);
      expect(parts.findings.list).toEqual([]);
    }),
  );
});

test('no room for what is awaited, or for writes without an answer: less is judged, and nothing wrongly', () => {
  fc.assert(
    fc.property(seeds, steps, fc.integer({ min: 1, max: 20 }), (seed, count, most) => {
      const parts = open(seed, { mostAwaited: most, mostOpenPuts: most });
      tellAll(parts, count);
      parts.cluster.drain();
      conclude(parts);
      expect(parts.findings.list).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('with no room it is said', () => {
  const parts = open(1, { mostAwaited: 2, mostOpenPuts: 1 });
  tellAll(parts, 300);
  expect(parts.events.overflownAt).toBeGreaterThan(0);
  expect(parts.ledger.isOverflown).toBe(true);
});
