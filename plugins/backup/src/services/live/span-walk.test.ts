import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KeySpan, spansOf } from './key-span.ts';
import { SpanWalk } from './span-walk.ts';

/** Walks as a reader of a cluster that has these keys, ascending; what came, and how many keys etcd walked over for it. */
function walk(span: KeySpan, keys: readonly Buffer[], limit: number) {
  const isOpen = span.end.length === 1 && span.end[0] === 0;
  const held = keys.filter((key) => span.start.compare(key) <= 0 && (isOpen || key.compare(span.end) < 0));
  const steps = new SpanWalk(span, held.length);
  const came: Buffer[] = [];
  let [visits, requests] = [0, 0];
  for (let step = steps.next(limit); step !== undefined; step = steps.next(limit)) {
    const { start, end } = step;
    const isOpenStep = end.length === 1 && end[0] === 0;
    const from = lowerBound(held, start);
    const to = isOpenStep ? held.length : Math.max(from, lowerBound(held, end));
    const page = held.slice(from, Math.min(to, from + limit));
    visits += to - from;
    requests += 1;
    if (requests > 100 * (held.length + 10)) throw new Error('it comes to no end');
    came.push(...page);
    steps.took({ keys: page.length, count: to - from, last: page.at(-1), examples: examplesOf(page) });
  }
  return { held, came, visits, requests };
}

function examplesOf(page: readonly Buffer[]): readonly Buffer[] {
  return page.filter((_, row) => row % Math.ceil(page.length / 16) === 0 || row === page.length - 1);
}

function lowerBound(keys: readonly Buffer[], key: Buffer): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]!.compare(key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 8 });
const keySet = fc
  .uniqueArray(
    fc.oneof(
      bytes.map((key) => Buffer.from(key)),
      fc
        .tuple(fc.constantFrom('/a/', '/a/b', '/a', '\xff', '\xff\xff'), bytes)
        .map(([head, tail]) => Buffer.concat([Buffer.from(head, 'latin1'), tail])),
      fc.integer({ min: 0, max: 2000 }).map((number) => Buffer.from(`${'deep/'.repeat(40)}${number}`)),
    ),
    { selector: (key) => key.toString('latin1'), maxLength: 300 },
  )
  .map((keys) => keys.sort(Buffer.compare));

test('every key comes once, in order, whatever the keys are like', () => {
  fc.assert(
    fc.property(
      keySet,
      fc.constantFrom('', '/a', '/a/', '\xff', '\xff\xff', 'deep/deep/'),
      fc.integer({ min: 1, max: 40 }),
      (keys, prefix, limit) => {
        const [span] = spansOf([Buffer.from(prefix, 'latin1')]);
        const { held, came } = walk(span!, keys, limit);
        expect(came.map((key) => key.toString('latin1'))).toEqual(held.map((key) => key.toString('latin1')));
      },
    ),
  );
});

const KEYS = 30_000;
const hash = (number: number) => Math.imul(number ^ 0x5bd1e995, 0x9e3779b1) >>> 0;
const hex = (number: number) => hash(number).toString(16).padStart(8, '0');

test.each<[string, (number: number) => string]>([
  ['numbers', (number) => `/perf/key-${String(number).padStart(8, '0')}`],
  ['numbers of unequal length', (number) => `key${number}`],
  ['nodes with numbers', (number) => `/perf/node-${String(number % 1000).padStart(4, '0')}/key-${number}`],
  ['hexadecimal digits', (number) => `/registry/pods/${hex(number)}-${hex(number + 1)}`],
  ['bytes', (number) => Buffer.from(hex(number), 'hex').toString('latin1')],
  [
    'namespaces of very unequal size',
    (number) =>
      `/registry/${['configmaps', 'events', 'pods', 'secrets'][number % 4]}/ns-${Math.floor(Math.log2(number + 1))}/${hex(number)}`,
  ],
  ['behind a long beginning', (number) => `${'x'.repeat(300)}${String(number).padStart(6, '0')}`],
])('etcd walks over few keys more than there are: %s', (name, keyOf) => {
  const keys = [...new Set(Array.from({ length: KEYS }, (_, number) => keyOf(number)))]
    .map((key) => Buffer.from(key, 'latin1'))
    .sort(Buffer.compare);
  const limit = 300;
  const { visits, requests, came } = walk(spansOf([])[0]!, keys, limit);
  expect(came).toHaveLength(keys.length);
  const pages = keys.length / limit;
  // A limit alone: half of the pages for each key.
  expect(visits).toBeLessThan(keys.length * (name === 'behind a long beginning' ? pages : 8));
  expect(requests).toBeLessThan(pages * 4);
});
