import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClusterObject } from './cluster-object.ts';
import { isSameObject, objectDiff } from './object-diff.ts';

const object = (fields: object): ClusterObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'x' },
  ...fields,
});

test('the lines that change, with two around them; what lies between is left out', () => {
  const ports = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const before = object({ spec: { first: 1, ports, last: 'x' } });
  const after = object({ spec: { first: 2, ports, last: 'z', more: true } });
  expect(objectDiff(before, after)).toEqual([
    ...['   name: x', ' spec:', '-  first: 1', '+  first: 2', '   ports:', '     - a'],
    ...[' …', '     - g', '     - h', '-  last: x', '+  last: z', '+  more: true'],
  ]);
});

test('what the API server keeps books with is no difference', () => {
  const books = { uid: '1', generation: 2, managedFields: [], resourceVersion: '3', creationTimestamp: 'now' };
  const standing = object({ metadata: { name: 'x', ...books }, status: { ready: 1 } });
  expect(isSameObject(standing, object({}))).toBe(true);
  expect(objectDiff(standing, object({}))).toEqual([]);
});

test('of secrets it is told which differ, never what they hold', () => {
  const secret = (data: object) => ({ ...object({ data }), kind: 'Secret' });
  const lines = objectDiff(secret({ one: 'b25l', two: 'dHdv' }), secret({ one: 'b25l', two: 'bmV3', three: 'aw==' }));
  expect(lines.filter((line) => /^[+-]/.test(line))).toEqual([
    '-  two: (hidden)',
    '+  two: (hidden, another)',
    '+  three: (hidden)',
  ]);
  expect(lines.join()).not.toMatch(/b25l|dHdv|bmV3|aw==/);
});

test('taking away what is added gives what was before', () => {
  const lists = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 });
  fc.assert(
    fc.property(lists, lists, (before, after) => {
      const lines = objectDiff(object({ spec: before }), object({ spec: after }));
      const count = (sign: string, item: string) =>
        lines.filter((line) => line.startsWith(sign) && line.endsWith(item)).length;
      for (const item of ['- a', '- b', '- c']) {
        const letter = item.at(-1)!;
        const grown = after.filter((one) => one === letter).length - before.filter((one) => one === letter).length;
        expect(count('+', item) - count('-', item)).toBe(grown);
      }
    }),
  );
});
