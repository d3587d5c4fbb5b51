import { expect, test } from 'vitest';
import { HpackTable } from './hpack-decoder.ts';

test('a remembered block does not follow the read buffer that it came in', () => {
  const readBuffer = Buffer.alloc(16);
  const indexed = (...indices: number[]) => {
    readBuffer.set(indices.map((index) => 0x80 | index));
    return HpackTable.prototype.decode.call(table, readBuffer, 0, indices.length).fields.map(({ value }) => value);
  };
  const table = HpackTable.empty();
  expect(indexed(8, 2)).toEqual(['200', 'GET']);
  expect(indexed(13, 3)).toEqual(['404', 'POST']);
  expect(indexed(8, 2)).toEqual(['200', 'GET']);
});
