import { ProtoWriter, writePut, writeTxn } from '@etcdperf/core/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldSpans } from './field-spans.ts';

const bytes = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength }).map((array) => Buffer.from(array));

test('keys and values of a transaction are where they are said to be, however long', () => {
  const puts = fc.array(fc.record({ key: bytes(200), value: bytes(20_000) }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(puts, (all) => {
      const writer = new ProtoWriter();
      writeTxn(writer, { success: all.map((put) => ({ kind: 'put', ...put })) });
      const frame = writer.finish();
      const at = (path: readonly number[]) =>
        fieldSpans(frame, path).map(({ start, end }) => frame.subarray(start, end).toString('hex'));
      expect(at([2, 2, 1])).toEqual(all.map(({ key }) => key.toString('hex')));
      expect(at([2, 2, 2])).toEqual(all.map(({ value }) => value.toString('hex')));
      expect(at([3, 2, 1])).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('an empty value is nowhere', () => {
  const writer = new ProtoWriter();
  writePut(writer, { key: 'k', value: '' });
  const frame = writer.finish();
  expect(fieldSpans(frame, [1])).toEqual([{ start: 7, end: 8 }]);
  expect(fieldSpans(frame, [2])).toEqual([]);
});
