import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WatchKeySpace } from './watch-keys.ts';

const spaces = fc
  .record({
    prefix: fc.constantFrom('', 'bench/', 'a/b/'),
    levels: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
    digits: fc.integer({ min: 2, max: 20 }),
  })
  .map((keys) => new WatchKeySpace(keys));

test('a tree and a flat list', () => {
  const tree = new WatchKeySpace({ prefix: 'tree/', levels: [2, 3], digits: 1 });
  const all = Array.from({ length: tree.size }, (_, number) => tree.key(number).toString());
  expect(all).toEqual(['tree/0/0', 'tree/0/1', 'tree/0/2', 'tree/1/0', 'tree/1/1', 'tree/1/2']);
  expect([tree.branch(0, 0), tree.branch(1, 0), tree.branch(1, 1)].map(String)).toEqual([
    'tree/',
    'tree/0/',
    'tree/1/',
  ]);
  const flat = new WatchKeySpace({ prefix: 'bench/', levels: [1000], digits: 8 });
  expect([flat.key(42).toString(), flat.branch(0, 0).toString()]).toEqual(['bench/00000042', 'bench/']);
});

test('a key leads back to its number, and begins with exactly its branches', () => {
  fc.assert(
    fc.property(spaces, fc.nat(), (space, some) => {
      const number = some % space.size;
      const key = space.key(number);
      expect(key).toHaveLength(space.length);
      expect(space.numberOf(Buffer.concat([Buffer.from('xx'), key, Buffer.from('9')]), 2, 2 + key.length)).toBe(number);
      for (let level = 0; level < space.levels.length; level += 1) {
        const under = space.branchOf(level, number);
        for (let branch = 0; branch < space.branches(level); branch += 1) {
          expect(key.toString().startsWith(space.branch(level, branch).toString())).toBe(branch === under);
        }
      }
    }),
  );
});

test('other keys are none of these', () => {
  const space = new WatchKeySpace({ prefix: 'tree/', levels: [2, 3], digits: 1 });
  for (const other of ['tree/0/3', 'tree/2/0', 'tree/0-0', 'tree/0/x', 'trie/0/0', 'tree/0/00', 'tree/']) {
    expect(space.numberOf(Buffer.from(other), 0, other.length)).toBe(-1);
  }
});
