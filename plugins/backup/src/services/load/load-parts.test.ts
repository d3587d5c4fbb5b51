import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resumeWith } from '../../flags/resume-with.ts';
import { AcknowledgedKeys } from './acknowledged-keys.ts';
import { BatchBuilder } from './batch-builder.ts';
import { keysOf } from './find-refused-key.ts';
import { KeyBudget } from './key-budget.ts';
import type { PutBatch } from './put-batch.ts';
import { selectorOf, selectPrefixes } from './select-prefixes.ts';

const buffers = (...texts: string[]) => texts.map((text) => Buffer.from(text));

describe('which keys are put', () => {
  // [what was dumped, what is asked for, what is put]
  test.each([
    [[''], [], ['']],
    [[''], ['/a'], ['/a']],
    [['/a/'], ['/'], ['/a/']],
    [
      ['/a', '/b'],
      ['/a/x', '/b'],
      ['/a/x', '/b'],
    ],
    [['/a', '/a/b', '/a'], [], ['/a']],
    [['/a', '/b'], ['/'], ['/a', '/b']],
  ])('of %j with --prefix %j: %j', (dumped, wished, selected) => {
    expect(selectPrefixes(buffers(...dumped), buffers(...wished)).map(String)).toEqual(selected);
  });

  test('a key is selected by the bytes it begins with', () => {
    const isSelected = selectorOf(buffers('/a', '/b/'));
    expect(buffers('/a', '/ab', '/b/', '/b', '/', '').map(isSelected)).toEqual([true, true, true, false, false, false]);
    expect(selectorOf(buffers('/a', ''))(Buffer.of(0xff))).toBe(true);
  });
});

test('a rate holds for batches of any size; what could not be sent is not made up for without end', () => {
  const budget = new KeyBudget(1000);
  expect(budget.waitMs(5000)).toBe(0);
  budget.spend(100, 5000);
  expect(budget.waitMs(5000)).toBe(100);
  expect(budget.waitMs(5100)).toBe(0);
  budget.spend(10, 5120);
  expect(budget.waitMs(5120)).toBe(0);
  expect(budget.waitMs(5100)).toBe(10);
  // Nothing could be sent for a minute: half a second of it is caught up with.
  budget.spend(600, 65_000);
  expect(budget.waitMs(65_000)).toBe(100);
});

test('everything up to the first open batch is acknowledged, in whatever order answers come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }),
      fc.nat({ max: 40 }),
      fc.infiniteStream(fc.nat()),
      (sizes, from, choices) => {
        const acknowledged = new AcknowledgedKeys({ records: from, keys: from, bytes: 0 });
        let end = 0;
        const batches = sizes.map((keys): PutBatch => {
          end += keys;
          return { end, keys, bytes: keys, kind: 'txn', message: Buffer.alloc(0) };
        });
        for (const batch of batches) acknowledged.open(batch);
        const open = [...batches];
        while (open.length > 0) {
          acknowledged.close(open.splice(choices.next().value! % open.length, 1)[0]!);
          const first = open[0] ?? { end: end + 1, keys: 1 };
          expect(acknowledged.position.records).toBe(Math.max(from, first.end - first.keys));
          expect(acknowledged.isClosedUntil(first.end - first.keys)).toBe(true);
        }
        acknowledged.end(end + 5);
        expect(acknowledged.position.records).toBe(Math.max(from, end + 5));
      },
    ),
  );
});

test('batches keep to their limits, and hold each key once, in order', () => {
  const puts = fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.uint8Array({ maxLength: 300 })));
  fc.assert(
    fc.property(
      puts,
      fc.constantFrom('empty' as const, 'only-missing' as const),
      fc.integer({ min: 2, max: 9 }),
      (all, mode, keys) => {
        const builder = new BatchBuilder({ mode, keys, bytes: 500 });
        const batches: PutBatch[] = [];
        for (const [index, [key, value]] of all.map((put) => put.map(Buffer.from)).entries()) {
          if (builder.isFullFor(key!, value!)) batches.push(builder.take(index)!);
          builder.add(key!, value!, Buffer.alloc(0));
        }
        const last = builder.take(all.length);
        if (last !== undefined) batches.push(last);
        expect(batches.flatMap(keysOf)).toEqual(all.map(([key]) => Buffer.from(key)));
        for (const batch of batches) {
          // An inner transaction for each key, and the outer one.
          expect(batch.keys).toBeLessThanOrEqual(mode === 'empty' ? keys : Math.max(1, keys - 1));
          expect(batch.keys === 1 || batch.bytes <= 500).toBe(true);
        }
        expect(builder.take(0)).toBeUndefined();
      },
    ),
  );
});

test('the command that goes on is ready for a shell, and holds no password', () => {
  const flags = { cluster: 'lab', endpoints: undefined, 'password-file': "it's here", rate: '5' };
  expect(resumeWith('etcdperf backup:load', '2026-x', flags)).toBe(
    `etcdperf backup:load --resume 2026-x --cluster lab --password-file 'it'\\''s here'`,
  );
});
