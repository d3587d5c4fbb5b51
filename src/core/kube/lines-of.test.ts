import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf } from './lines-of.ts';

test('lines are the same however the bytes were cut', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat({ max: 64 })), async (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      expect(await collect(cut(bytes, cuts))).toEqual(lines);
    }),
  );
});

test('a last line without an end is one too', async () => {
  expect(await collect(cut(Buffer.from('one\ntwo'), []))).toEqual(['one', 'two']);
  expect(await collect(cut(Buffer.from(''), []))).toEqual([]);
});

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const size of sizes) {
    yield bytes.subarray(from, from + size);
    from += size;
  }
  yield bytes.subarray(from);
}

async function collect(stream: AsyncIterable<Buffer>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of linesOf(stream)) all.push(line);
  return all;
}
