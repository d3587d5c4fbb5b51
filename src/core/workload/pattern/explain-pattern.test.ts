import { expect, test } from 'vitest';
import { explainPattern } from './explain-pattern.ts';
import { openPatternSpace } from './open-pattern-space.ts';
import { parsePattern } from './parse-pattern.ts';

const open = (text: string) => openPatternSpace(parsePattern(text), { ip: '10.0.0.7', seed: 1 });

test('levels, counts, sizes and examples', () => {
  const told = explainPattern(open('/prefix/:ip/%l-%d[12]/:state/[a-z]{4};[0-9]{10,30}'));
  expect(told).toMatchObject({
    pattern: '/prefix/:ip/%l-%d[12]/:state/[a-z]{4};[0-9]{10,30}',
    keys: 108,
    valueBytes: { min: 10, max: 30 },
    levels: [
      { level: 0, text: 'prefix', kind: 'literal', count: 1, nodes: 1, keysBelow: 108, examples: ['prefix'] },
      { level: 1, text: ':ip', kind: 'rule', count: 1, nodes: 1, keysBelow: 108, examples: ['10.0.0.7'] },
      { level: 2, kind: 'counter', count: 12, nodes: 12, keysBelow: 9, examples: ['l-0', 'l-5', 'l-11'] },
      {
        level: 3,
        kind: 'rule',
        count: 9,
        nodes: 108,
        keysBelow: 1,
        examples: ['unprovisioned', expect.anything(), 'deleted'],
      },
      { level: 4, kind: 'generated', count: 1, nodes: 108, keysBelow: 1 },
    ],
  });
  const { keyBytes, valueBytes, examples, databaseBytes } = told;
  expect(examples.map(({ number }) => number)).toEqual([0, 53, 107]);
  expect(examples[2]!.key).toMatch(/^\/prefix\/10\.0\.0\.7\/l-11\/deleted\/[a-z]{4}$/);
  expect(examples[0]!.value).toMatch(/^\d{10,30}$/);
  const all = Array.from({ length: 108 }, (_, key) => open(told.pattern).keyBytesOf(key));
  expect(keyBytes).toMatchObject({ total: all.reduce((a, b) => a + b), min: Math.min(...all), max: Math.max(...all) });
  expect(Math.abs(valueBytes.mean - 20)).toBeLessThan(3);
  expect(databaseBytes).toBeGreaterThan(keyBytes.total + valueBytes.total);
});

test('10^9 keys, as many examples as are asked for', () => {
  const told = explainPattern(open('/p/%a-%d[1000000]/%b-%d[1000];#100'), 5);
  expect(told.keys).toBe(1e9);
  expect(told.examples.map(({ key }) => key)).toEqual([
    '/p/a-0/b-0',
    '/p/a-249999/b-999',
    '/p/a-499999/b-999',
    '/p/a-749999/b-999',
    '/p/a-999999/b-999',
  ]);
  expect(told.valueBytes).toEqual({ min: 100, max: 100, mean: 100, total: 1e11 });
});

test('one key', () => {
  expect(explainPattern(open('/a;b'))).toMatchObject({ keys: 1, examples: [{ number: 0, key: '/a', value: 'b' }] });
});
