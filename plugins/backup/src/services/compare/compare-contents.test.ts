import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyRecord } from '../../contents/key-record.ts';
import { contentsOf, recordOf } from '../../testing/contents-of.ts';
import { beginsWith } from '../within-prefixes.ts';
import { type CompareOptions, compareContents } from './compare-contents.ts';
import type { DifferenceJson } from './difference-json.ts';

const options: CompareOptions = {
  fields: ['value'],
  prefixes: [],
  limit: 1000,
  mostValueBytes: 0,
  signal: new AbortController().signal,
};

function compare(a: readonly KeyRecord[], b: readonly KeyRecord[], more: Partial<CompareOptions> = {}, batch = 3) {
  return compareContents(contentsOf(a, { name: 'A', batch }), contentsOf(b, { name: 'B', batch: batch + 1 }), {
    ...options,
    ...more,
  });
}

function keyOf({ key, keyBase64 }: DifferenceJson): string {
  return key === undefined ? Buffer.from(keyBase64!, 'base64').toString('hex') : Buffer.from(key).toString('hex');
}

/** Any bytes, in a few values, so that keys are each other's beginnings. */
const bytes = fc
  .array(fc.constantFrom(0, 0x2f, 0x61, 0x7f, 0x80, 0xff), { maxLength: 6 })
  .map((all) => Buffer.from(all));
const key = bytes.filter(({ length }) => length > 0);
const record = fc
  .record({ key, value: bytes, lease: fc.constantFrom(0n, 7n, -1n), version: fc.nat(3), modRevision: fc.nat(3) })
  .map(({ key, value, ...more }) => recordOf(key, value, more));

function ascending(records: readonly KeyRecord[]): KeyRecord[] {
  const byKey = new Map(records.map((one) => [one.key.toString('hex'), one]));
  return [...byKey.values()].sort((one, other) => one.key.compare(other.key));
}
const contents = fc.array(record, { maxLength: 40 }).map(ascending);
const ALL_FIELDS = ['value', 'lease', 'revisions', 'version'] as const;

describe('any contents', () => {
  test('are the same as themselves', async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.integer({ min: 1, max: 9 }), async (all, batch) => {
        const report = await compare(all, all, { fields: ALL_FIELDS }, batch);
        expect(report).toMatchObject({ isSame: true, same: all.length, added: 0, removed: 0, changed: 0 });
        expect(report.differences).toEqual({ added: [], removed: [], changed: [] });
      }),
    );
  });

  test('differ in what was changed in them, and in nothing else', async () => {
    const edit = fc.constantFrom('keep', 'keep', 'remove', 'value', 'lease', 'version', 'revisions');
    await fc.assert(
      fc.asyncProperty(
        contents,
        contents,
        fc.array(edit, { minLength: 40, maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        async (before, more, edits, batch) => {
          const hex = (one: KeyRecord) => one.key.toString('hex');
          const known = new Set(before.map(hex));
          const added = more.filter((one) => !known.has(hex(one)));
          const changed = new Map<string, string>();
          const removed: string[] = [];
          const after = before.flatMap((one, index): KeyRecord[] => {
            const what = edits[index]!;
            if (what === 'keep') return [one];
            if (what === 'remove') {
              removed.push(hex(one));
              return [];
            }
            changed.set(hex(one), what);
            const value = Buffer.concat([one.value!, Buffer.of(1)]);
            if (what === 'value') return [{ ...one, value, valueSize: value.length }];
            if (what === 'lease') return [{ ...one, lease: one.lease + 1n }];
            if (what === 'version') return [{ ...one, version: one.version + 1 }];
            return [{ ...one, modRevision: one.modRevision + 1 }];
          });
          const report = await compare(before, ascending([...after, ...added]), { fields: ALL_FIELDS }, batch);
          expect(report.differences.added.map(keyOf)).toEqual(added.map(hex));
          expect(report.differences.removed.map(keyOf)).toEqual(removed);
          expect(report.differences.changed.map((one) => [keyOf(one), one.fields])).toEqual(
            [...changed].map(([one, field]) => [one, [field]]),
          );
          expect(report).toMatchObject({
            isSame: added.length + removed.length + changed.size === 0,
            added: added.length,
            removed: removed.length,
            changed: changed.size,
            same: before.length - removed.length - changed.size,
          });
        },
      ),
    );
  });

  test('below other prefixes are the same key by key', async () => {
    await fc.assert(
      fc.asyncProperty(contents, bytes, bytes, contents, async (all, from, to, others) => {
        const below = (prefix: Buffer) => all.map((one) => ({ ...one, key: Buffer.concat([prefix, one.key]) }));
        const beside = others.filter((one) => !beginsWith(one.key, to));
        const report = await compare(below(from), ascending([...beside, ...below(to)]), { mapping: { from, to } });
        expect(report).toMatchObject({ isSame: true, same: all.length });
      }),
    );
  });
});

test('without values, what there is of them is compared, and that is told', async () => {
  const sized = (key: string, valueSize: number | undefined) => recordOf(key, '', { value: undefined, valueSize });
  const report = await compare(
    [recordOf('a', '123'), recordOf('b', '123'), recordOf('c', '123'), recordOf('d', '123')],
    [recordOf('a', '123'), sized('b', 3), sized('c', 4), sized('d', undefined)],
  );
  expect(report.valuesComparedBy).toEqual({ values: 1, sizes: 2, nothing: 1 });
  expect(report.differences.changed).toMatchObject([{ key: 'c', a: { valueSize: 3 }, b: { valueSize: 4 } }]);
  expect(report.same).toBe(3);
});

test('a difference tells where it begins, and of the values no more than asked for', async () => {
  const a = [recordOf('/a', `${'x'.repeat(5000)}secret\n1`), recordOf('/b', 'gone')];
  const b = [recordOf('/a', `${'x'.repeat(5000)}secret\n2 and more`)];
  const silent = await compare(a, b);
  expect(silent.differences.changed).toEqual([
    {
      kind: 'changed',
      key: '/a',
      fields: ['value'],
      firstDifference: 5007,
      a: { valueSize: 5008, createRevision: 2, modRevision: 2, version: 1 },
      b: { valueSize: 5017, createRevision: 2, modRevision: 2, version: 1 },
    },
  ]);
  expect(JSON.stringify(silent)).not.toMatch(/secret|gone/);
  const { changed, removed } = (await compare(a, b, { mostValueBytes: 8 })).differences;
  expect(changed[0]).toMatchObject({ a: { excerpt: '…secret\\x0a1' }, b: { excerpt: '…t\\x0a2 and …' } });
  expect(removed[0]?.a?.excerpt).toBe('gone');
});

test('only so many differences are kept, all are counted', async () => {
  const many = Array.from({ length: 50 }, (_, index) => recordOf(`/key-${String(index).padStart(2, '0')}`, 'x'));
  const report = await compare([], many, { limit: 2 });
  expect(report.added).toBe(50);
  expect(report.differences.added.map((one) => one.key)).toEqual(['/key-00', '/key-01']);
});

test('only keys below the prefixes count', async () => {
  const a = ['/a/1', '/b/1', '/c/1'].map((one) => recordOf(one, 'x'));
  const report = await compare(a, [], { prefixes: [Buffer.from('/a/'), Buffer.from('/c/')] });
  expect(report).toMatchObject({ removed: 2, a: { keys: 2 } });
});

test('Kubernetes’ values are named', async () => {
  const pod = (name: string) =>
    recordOf(`/registry/pods/${name}`, `{"kind":"Widget","apiVersion":"example.com/v1","metadata":{"name":"${name}"}}`);
  const report = await compare([pod('a'), pod('b')], [pod('b'), pod('c'), recordOf('/x', 'y')]);
  expect(report.kinds).toEqual([
    { apiVersion: 'example.com/v1', resource: 'Widget', added: 1, removed: 1, changed: 0 },
  ]);
  expect(report.differences.removed).toMatchObject([{ resource: 'Widget', apiVersion: 'example.com/v1' }]);
});

test.each([
  ['twice', ['/a', '/a'], 'the key /a is there twice'],
  ['not in order', ['/b', '/a'], 'the key /a comes after /b'],
  ['not in order over batches', ['/a', '/b', '/c', '/c0', '/a\n'], 'the key /a\\x0a comes after /c0'],
])('keys that are there %s are refused', async (_, keys, message) => {
  const wrong = keys.map((one) => recordOf(one, 'x'));
  await expect(compare(wrong, [])).rejects.toMatchObject({ message, where: 'A', exitCode: 2 });
  await expect(compare([recordOf('/0', '')], wrong)).rejects.toMatchObject({ message, where: 'B', exitCode: 2 });
});
