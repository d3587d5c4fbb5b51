import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import { makeValueSource } from './make-value-source.ts';
import { parseValueKind } from './parse-value-kind.ts';
import type { ValueKind } from './value-source.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-values-'));
  file = join(folder, 'values');
  writeFileSync(file, 'abcdefghij');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function values(kind: ValueKind, length: number, count: number, seed = 7): Buffer[] {
  const source = makeValueSource(kind, length, seed);
  expect(source.length).toBe(length);
  return Array.from({ length: count }, () => {
    const bytes = Buffer.alloc(length);
    source.write(bytes, 0);
    return bytes;
  });
}

/** What gzip leaves of them. */
const gzipRatio = (parts: readonly Buffer[]) => {
  const bytes = Buffer.concat(parts);
  return gzipSync(bytes, { level: 9 }).length / bytes.length;
};
const distinct = (parts: readonly Buffer[]) => new Set(parts.map((part) => part.toString('latin1'))).size;

test('writes where it is told and nowhere else', () => {
  const kinds = fc.constantFrom<ValueKind>(
    { kind: 'random' },
    { kind: 'text' },
    { kind: 'repeat' },
    { kind: 'file', path: '' },
  );
  fc.assert(
    fc.property(kinds, fc.nat(300), fc.nat(20), fc.integer(), (kind, length, at, seed) => {
      const source = makeValueSource(kind.kind === 'file' ? { kind: 'file', path: file } : kind, length, seed);
      const bytes = Buffer.alloc(at + length + 9, 0);
      for (let i = 0; i < 3; i += 1) source.write(bytes, at);
      expect(bytes.subarray(0, at).equals(Buffer.alloc(at))).toBe(true);
      expect(bytes.subarray(at + length).equals(Buffer.alloc(9))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test.each([4, 8, 256, 1024, 2_000_000])('random values of %i bytes differ and can not be compressed', (length) => {
  const made = values({ kind: 'random' }, length, length > 1e6 ? 2 : 1000);
  expect(distinct(made)).toBe(made.length);
  expect(gzipRatio(made.slice(0, 500))).toBeGreaterThan(0.99);
});

test('text differs and compresses as JSON does', () => {
  for (const length of [10, 256, 4096]) {
    const made = values({ kind: 'text' }, length, 1000);
    expect(distinct(made)).toBe(1000);
    if (length > 10) expect(gzipRatio(made.slice(0, 200))).toBeGreaterThan(0.1);
    if (length > 10) expect(gzipRatio(made.slice(0, 200))).toBeLessThan(0.45);
  }
  const [one] = values({ kind: 'text' }, 2000, 1);
  expect(one!.toString()).toMatch(/"state":"(active|pending)"/);
});

test('the seed decides, and threads with seeds of their own write different values', () => {
  for (const kind of ['random', 'text'] as const) {
    expect(values({ kind }, 64, 20)).toEqual(values({ kind }, 64, 20));
    expect(distinct([...values({ kind }, 64, 500, 1), ...values({ kind }, 64, 500, 2)])).toBe(1000);
  }
});

test('repeat: one value, which is not a row of zeros', () => {
  const made = values({ kind: 'repeat' }, 256, 10);
  expect(distinct(made)).toBe(1);
  expect(gzipRatio(made.slice(0, 1))).toBeGreaterThan(0.99);
});

test('a file is cut in slices, from its start again at its end', () => {
  const texts = (length: number, count: number) => values({ kind: 'file', path: file }, length, count).map(String);
  expect(texts(4, 4)).toEqual(['abcd', 'efgh', 'ijab', 'cdef']);
  expect(texts(10, 2)).toEqual(['abcdefghij', 'abcdefghij']);
  expect(texts(13, 3)).toEqual(['abcdefghijabc', 'defghijabcdef', 'ghijabcdefghi']);
  expect(texts(0, 2)).toEqual(['', '']);
});

test('slices of a file, put together, are the file again and again', () => {
  const content = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(content, fc.nat(100), fc.nat(12), (bytes, length, count) => {
      const own = join(folder, 'own');
      writeFileSync(own, bytes);
      const made = Buffer.concat(values({ kind: 'file', path: own }, length, count));
      expect(made.equals(Buffer.alloc(length * count, bytes))).toBe(true);
    }),
  );
});

test('a file that is missing, a folder or empty is refused, and so is a length that is none', () => {
  const make = (path: string, length = 8) => makeValueSource({ kind: 'file', path }, length, 1);
  const empty = join(folder, 'empty');
  writeFileSync(empty, '');
  expect(() => make(join(folder, 'none'))).toThrow(/can't read .*none: ENOENT/);
  expect(() => make(folder)).toThrow(/EISDIR/);
  expect(() => make(empty)).toThrow(/is empty/);
  for (const length of [-1, 1.5, Number.NaN]) expect(() => make(file, length)).toThrow(InputError);
  expect(() => make(empty)).toThrow(InputError);
});

test('the names of values', () => {
  expect(['random', 'text', 'repeat'].map(parseValueKind)).toEqual([
    { kind: 'random' },
    { kind: 'text' },
    { kind: 'repeat' },
  ]);
  expect(parseValueKind('file:/tmp/a:b')).toEqual({ kind: 'file', path: '/tmp/a:b' });
  for (const wrong of ['', 'file', 'file:', 'Random', 'zeros']) expect(() => parseValueKind(wrong)).toThrow(InputError);
});
