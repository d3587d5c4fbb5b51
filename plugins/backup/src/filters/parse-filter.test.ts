import { InputError } from '@etcdperf/core/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyRecord } from '../contents/key-record.ts';
import { pageOf } from '../contents/page-of.ts';
import { selectRows } from './filter.ts';
import { parseFilter } from './parse-filter.ts';

const POD = 'k8s\0\n\x09\n\x02v1\x12\x03Pod';

const record = (parts: Partial<Omit<KeyRecord, 'key' | 'value'>> & { key?: string; value?: string }): KeyRecord => ({
  valueSize: undefined,
  createRevision: 1,
  modRevision: 1,
  version: 1,
  lease: 0n,
  ttlSeconds: undefined,
  ...parts,
  key: Buffer.from(parts.key ?? '/a/1'),
  value: Buffer.from(parts.value ?? ''),
});

const matches = (filter: string, parts: Parameters<typeof record>[0]) =>
  parseFilter(filter).matches(pageOf([record({ key: 'other' }), record(parts)]), 1);

test.each<[string, Parameters<typeof record>[0], boolean]>([
  ['key~^/a/', { key: '/a/1' }, true],
  ['key~^/a/', { key: '/b/a/1' }, false],
  ['key!~^/a/', { key: '/b/a/1' }, true],
  ['key~=', { key: 'a=b' }, true],
  ['key~ä', { key: 'ä' }, true],
  ['size>4', { value: 'fives' }, true],
  ['size>5B', { value: 'fives' }, false],
  ['size>=5', { value: 'fives' }, true],
  ['size<0.1kb', { value: 'fives' }, true],
  ['size<1KiB', { value: 'x'.repeat(1023) }, true],
  ['size<1KiB', { value: 'x'.repeat(1024) }, false],
  ['size<=1MB', { value: 'fives' }, true],
  ['size=0', { value: '' }, true],
  ['size!=5', { value: 'fives' }, false],
  ['version>10', { version: 11 }, true],
  ['version<=10', { version: 11 }, false],
  ['lease', { lease: 5n }, true],
  ['lease', { lease: 0n }, false],
  ['lease=none', { lease: 0n }, true],
  ['lease!=none', { lease: 0n }, false],
  ['lease=694d7ab1', { lease: 0x694d7ab1n }, true],
  ['lease=0x694D7AB1', { lease: 0x694d7ab1n }, true],
  ['lease=ffffffffffffffff', { lease: -1n }, true],
  ['lease!=1', { lease: 5n }, true],
  ['lease=0', { lease: 0n }, true],
  ['kind=Pod', { value: POD }, true],
  ['kind=pod', { value: POD }, false],
  ['kind!=Pod', { value: 'text' }, true],
  ['api_version=v1', { value: POD }, true],
])('%s, %#', (filter, parts, isMatch) => {
  expect(matches(filter, parts)).toBe(isMatch);
});

test.each([
  ['', 1, 'a name is missing'],
  ['keys~a', 1, "there is no 'keys'"],
  ['siez>1', 1, "there is no 'siez'"],
  ['key', 4, 'key takes ~ !~'],
  ['key=a', 4, 'key takes ~ !~'],
  ['key~', 5, 'nothing follows ~'],
  ['key~(', 5, 'this is no regular expression: unterminated group'],
  ['size~1', 5, 'size takes > >= < <= = !='],
  ['size>>1', 6, 'a size is wanted: 100KB'],
  ['size>1TB', 7, 'units are B, kB, MB, GB, KiB, MiB, GiB'],
  ['size>1constructor', 7, 'units are B, kB, MB, GB, KiB, MiB, GiB'],
  ['version>1.5', 10, 'a whole number is wanted'],
  ['version>-1', 9, 'a whole number is wanted'],
  ['lease=xyz', 7, "a lease's id is hexadecimal, as etcdctl prints it; without one it is none"],
  ['lease=12g', 9, "a lease's id is hexadecimal, as etcdctl prints it; without one it is none"],
  ['lease=12345678901234567', 23, 'a lease has at most 16 digits'],
  ['leases', 1, "there is no 'leases'"],
  ['kind=a b', 7, 'a name has letters, digits and - . / in it'],
])('%j is refused at character %i: %s', (filter, at, message) => {
  const refused = `the filter '${filter}' can't be understood at character ${at}: ${message}`;
  expect(() => parseFilter(filter)).toThrow(expect.objectContaining({ name: 'InputError', message: refused }));
});

test('any text is a filter, or refused with a character of it', () => {
  const words = ['key', 'size', 'version', 'lease', 'kind', '~', '!', '=', '>', '<', '1', 'KB', '(', 'none', 'é'];
  const text = fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 6 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (filter) => {
      try {
        expect(typeof parseFilter(filter).matches(pageOf([record({})]), 0)).toBe('boolean');
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        const [, at] = / at character (\d+): /.exec((error as Error).message.slice(filter.length))!;
        expect(Number(at)).toBeGreaterThan(0);
        expect(Number(at)).toBeLessThanOrEqual(filter.length + 1);
      }
    }),
  );
});

test('a filter and its opposite part the keys between them', () => {
  const any = fc.record({
    value: fc.string({ maxLength: 9 }),
    version: fc.nat(9),
    lease: fc.bigInt({ min: 0n, max: 3n }),
  });
  const opposites = [
    ['size>4', 'size<=4'],
    ['size=4', 'size!=4'],
    ['version>=5', 'version<5'],
    ['lease', 'lease=none'],
    ['lease=2', 'lease!=2'],
    ['key~1$', 'key!~1$'],
    ['kind=Pod', 'kind!=Pod'],
  ] as const;
  fc.assert(
    fc.property(fc.array(any), fc.constantFrom(...opposites), (parts, [one, other]) => {
      const page = pageOf(parts.map((part, row) => record({ ...part, key: `/${row}` })));
      const [ones, others] = [new Uint8Array(page.length), new Uint8Array(page.length)];
      const counted = selectRows([parseFilter(one)], page, ones) + selectRows([parseFilter(other)], page, others);
      expect(counted).toBe(page.length);
      expect(ones.every((isOne, row) => isOne + others[row]! === 1)).toBe(true);
      expect(selectRows([parseFilter(one), parseFilter(other)], page, ones)).toBe(0);
    }),
  );
});
