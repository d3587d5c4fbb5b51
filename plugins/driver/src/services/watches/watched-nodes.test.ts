import { InputError } from '@etcdperf/core/errors';
import { openPatternSpace, parsePattern } from '@etcdperf/core/workload';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NodeTargets } from './node-targets.ts';
import { WatchedNodes } from './watched-nodes.ts';

const watches = { prefix: true, rereadIntervalMs: undefined };
const space = openPatternSpace(parsePattern('/w/%a-%d[2]/%b-%d[12]/%c-%d[3];#8'), { ip: '', seed: 1 });

test('watchers of a level are spread over its nodes; more than there are nodes share them', () => {
  const nodes = new WatchedNodes(space, { ...watches, perLevel: [0, 4, 6, 'every'] });
  expect(nodes.watchers).toBe(4 + 6 + 72);
  const of = (level: number) =>
    Array.from({ length: nodes.watchers }, (_, watcher) => watcher)
      .filter((watcher) => nodes.levelOf(watcher) === level)
      .map((watcher) => nodes.nodeOf(watcher));
  expect(of(0)).toEqual([]);
  expect(of(1)).toEqual([0, 0, 1, 1]);
  expect(of(2)).toEqual([0, 4, 8, 12, 16, 20]);
  expect(of(3)).toEqual(Array.from({ length: 72 }, (_, node) => node));
});

test('every watcher has a node of its level, whatever the counts', () => {
  const counts = fc.array(fc.oneof(fc.nat(100), fc.constant('every' as const)), { maxLength: 4 });
  fc.assert(
    fc.property(counts, (perLevel) => {
      const nodes = new WatchedNodes(space, { ...watches, perLevel });
      const found = perLevel.map(() => 0);
      for (let watcher = 0; watcher < nodes.watchers; watcher += 1) {
        const level = nodes.levelOf(watcher);
        found[level]! += 1;
        expect(nodes.nodeOf(watcher)).toBeGreaterThanOrEqual(0);
        expect(nodes.nodeOf(watcher)).toBeLessThan(space.nodesAt(level));
      }
      expect(found).toEqual(perLevel.map((count, level) => (count === 'every' ? space.nodesAt(level) : count)));
    }),
  );
});

test('a billion keys can be watched here and there, not each of them', () => {
  const huge = { nodesAt: () => 1e9 };
  expect(new WatchedNodes(huge, { ...watches, perLevel: [10] }).nodeOf(9)).toBe(9e8);
  expect(() => new WatchedNodes(huge, { ...watches, perLevel: ['every'] })).toThrow(InputError);
});

test('all keys below a node are asked for with the slash; a leaf, and what is watched alone, is one key', () => {
  const ask = (prefix: boolean) => {
    const nodes = new WatchedNodes(space, { ...watches, prefix, perLevel: [1, 0, 2, 1] });
    const targets = new NodeTargets(space, nodes);
    return Array.from({ length: targets.length }, (_, watcher) => {
      const target = targets.at(watcher);
      return `${target.key.toString()}${target.prefix === true ? '…' : ''}`;
    });
  };
  expect(ask(true)).toEqual(['/w/…', '/w/a-0/b-0/…', '/w/a-1/b-0/…', '/w/a-0/b-0/c-0']);
  expect(ask(false)).toEqual(['/w', '/w/a-0/b-0', '/w/a-1/b-0', '/w/a-0/b-0/c-0']);
});
