import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyRecord } from '../../contents/key-record.ts';
import { recordOf } from '../../testing/contents-of.ts';
import { KeySum, type KeyTotals } from './key-totals.ts';
import { foldTree, type PrefixNode } from './prefix-node.ts';
import { PrefixTree, type PrefixTreeOptions } from './prefix-tree.ts';

const options: PrefixTreeOptions = {
  depth: 3,
  separator: Buffer.from('/'),
  prefix: Buffer.alloc(0),
  leastShare: 0,
};

function treeOf(records: readonly KeyRecord[], more: Partial<PrefixTreeOptions> = {}): PrefixNode {
  const tree = new PrefixTree({ ...options, ...more });
  for (const record of [...records].sort((one, other) => one.key.compare(other.key))) tree.add(record);
  return tree.finish();
}

/** Names with the number of keys below them. */
function shape(node: PrefixNode): unknown {
  const children = node.children.map(shape);
  const text = `${node.name} ${node.totals.keys}${node.folded ? ` (${node.folded.branches} folded)` : ''}`;
  return children.length === 0 ? text : [text, ...children];
}

test('levels end behind separators, a leading one belongs to the first', () => {
  const keys = ['/a/b/c/d/e', '/a/b/c/f', '/a/b', '/a/', '/x', 'y', 'y//z'].map((key) => recordOf(key, '12'));
  expect(shape(treeOf(keys))).toEqual([
    ' 7',
    ['/a/ 4', ' 1', 'b 1', ['b/ 2', 'c/ 2']],
    '/x 1',
    'y 1',
    ['y/ 1', ['/ 1', 'z 1']],
  ]);
  expect(shape(treeOf(keys, { depth: 1 }))).toEqual([' 7', '/a/ 4', '/x 1', 'y 1', 'y/ 1']);
});

test('separators of several bytes, and levels that begin after a prefix', () => {
  const keys = ['users::1::name', 'users::1::mail', 'users::2'].map((key) => recordOf(key, '12'));
  const prefix = Buffer.from('users::');
  expect(shape(treeOf(keys, { separator: Buffer.from('::'), prefix }))).toEqual([
    'users:: 3',
    ['1:: 2', 'mail 1', 'name 1'],
    '2 1',
  ]);
});

test('small branches are folded, long prefixes joined, the largest comes first', () => {
  const small = Array.from({ length: 99 }, (_, index) => recordOf(`/small/${index}`, 'x'));
  const root = treeOf([...small, recordOf('/long/way/down/1', 'x'.repeat(2000)), recordOf('/long/way/down/2', 'x')], {
    depth: 9,
  });
  expect(shape(foldTree(root, 0.05, 'bytes'))).toEqual([
    ' 101',
    ['/long/way/down/ 2 (1 folded)', '1 1'],
    '/small/ 99 (99 folded)',
  ]);
  expect(shape(foldTree(root, 0.05, 'keys'))).toMatchObject([' 101', '/small/ 99 (99 folded)', expect.anything()]);
});

test('of a level of many, the largest are told', () => {
  const many = Array.from({ length: 30 }, (_, index) => recordOf(`/${index + 10}/x`, 'x'.repeat(100 + index)));
  const folded = foldTree(treeOf(many), 0.01, 'bytes', 3);
  expect(shape(folded)).toEqual([' 30 (27 folded)', '/39/x 1', '/38/x 1', '/37/x 1']);
  expect(folded.folded?.totals.keys).toBe(27);
});

const segment = fc.constantFrom('', 'a', 'b', 'long-name', '\u00e9', '%');
const record = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 5 }), fc.nat(400), fc.integer({ min: 1, max: 9 }), fc.boolean())
  .map(([segments, size, version, hasLease]) =>
    recordOf(`k${segments.join('/')}`, 'x'.repeat(size), { version, lease: hasLease ? 7n : 0n }),
  );
const records = fc
  .array(record, { maxLength: 120 })
  .map((all) => [...new Map(all.map((one) => [one.key.toString(), one])).values()]);

describe('any keys', () => {
  test('each node has the sum of its keys, whatever is folded', () => {
    const shares = fc.constantFrom(0, 0.01, 0.1, 0.5);
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 5 }), shares, (all, depth, leastShare) => {
        const root = treeOf(all, { depth, leastShare });
        expect(root.totals).toMatchObject(totalsOf(all));
        const check = (node: PrefixNode, prefix: string): void => {
          const name = prefix + node.name.toString();
          const own = all.filter(({ key }) => (node.isKey ? key.toString() === name : key.toString().startsWith(name)));
          expect(node.totals).toMatchObject(totalsOf(own));
          const parts = [...node.children.map(({ totals }) => totals), ...(node.folded ? [node.folded.totals] : [])];
          if (parts.length > 0) expect(merged(parts)).toMatchObject(totalsOf(own));
          for (const child of node.children) check(child, name);
        };
        check(root, '');
      }),
    );
  });

  test('what is folded early is what would be folded in the end', () => {
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 5 }), fc.constantFrom(0.01, 0.1, 0.5), (all, depth, share) => {
        const early = foldTree(treeOf(all, { depth, leastShare: share }), share, 'bytes');
        const late = foldTree(treeOf(all, { depth, leastShare: 0 }), share, 'bytes');
        expect(shape(early)).toEqual(shape(late));
      }),
    );
  });
});

test('memory is bounded: a level of any number of children', () => {
  const tree = new PrefixTree({ ...options, leastShare: 1 / 2000 });
  for (let index = 0; index < 100_000; index += 1)
    tree.add(recordOf(`/${String(index).padStart(6, '0')}/key`, index === 77_777 ? 'x'.repeat(100_000) : 'x'));
  const root = tree.finish();
  expect(shape(root)).toEqual([' 100000 (99999 folded)', ['/077777/ 1', 'key 1']]);
});

function totalsOf(all: readonly KeyRecord[]): KeyTotals {
  const sum = new KeySum();
  for (const one of all) sum.add(one);
  return sum.totals();
}

function merged(parts: readonly KeyTotals[]): KeyTotals {
  const sum = new KeySum();
  for (const part of parts) sum.merge(part);
  return sum.totals();
}
