import { appendFile, mkdtemp, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { KeyRecord } from '../../contents/key-record.ts';
import { manifestPath } from '../../formats/dump-manifest.ts';
import { recordOf } from '../../testing/contents-of.ts';
import { type LoadIntoOptions, loadInto } from '../../testing/load-into.ts';
import { writeDump } from '../../testing/write-dump.ts';

let cluster: TestCluster;
let client: WireClient;
let folder: string;
let runs: string;
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints });
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});
beforeEach(async () => {
  await client.deleteRange('', { prefix: true });
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-backup-load-'));
  runs = join(folder, 'runs');
  return () => rm(folder, { recursive: true, force: true });
});

const numbered = (count: number, prefix = '/a/') =>
  Array.from({ length: count }, (_, i) => recordOf(`${prefix}${String(i).padStart(6, '0')}`, `value ${i}`));
const text = (bytes: Buffer | undefined) => bytes?.toString('latin1');
const asMap = (records: readonly KeyRecord[]) => new Map(records.map(({ key, value }) => [text(key), text(value)]));
const content = async () => asMap((await client.range('', { prefix: true })).kvs as unknown as KeyRecord[]);
const dumped = (name = 'dump.csv') => join(folder, name);
const load = (options: LoadIntoOptions = {}, file = dumped()) =>
  loadInto({ endpoints: cluster.endpoints }, runs, file, options);
/** Of the runs that there are, with nothing in the cluster but what was there. */
const untouched = async (before: ReadonlyMap<unknown, unknown>) => {
  expect(await content()).toEqual(before);
  expect(await readdir(runs).catch(() => [])).toEqual([]);
};

describe('into an empty prefix', () => {
  test('every key is there, and the result says how it went', async () => {
    const records = numbered(1000);
    await writeDump(dumped(), records);
    const result = await load();
    expect(result).toMatchObject({
      ending: { kind: 'complete' },
      dumpKeys: 1000,
      dumpKeysDone: 1000,
      keys: 1000,
      there: undefined,
      retries: 0,
      resumedAfter: undefined,
      resumeWith: undefined,
      leases: { granted: 0, found: 0, gone: 0, lost: 0 },
    });
    expect(await content()).toEqual(asMap(records));
    // 16 at once: many requests, none of which put a key twice.
    expect(result.load.series).toMatchObject([{ name: 'load', ok: 63 }, { name: 'reconnect' }]);
  });

  test('keys beside it are no obstacle, keys in it are', async () => {
    const records = numbered(10);
    await writeDump(dumped(), records, { prefixes: [Buffer.from('/a/')] });
    await client.put('/b', 'beside');
    await client.put('/a/x', 'in it');
    await expect(load()).rejects.toThrow("there is a key below '/a/' already, such as /a/x");
    await untouched(
      new Map([
        ['/a/x', 'in it'],
        ['/b', 'beside'],
      ]),
    );
    await client.deleteRange('/a/x');
    expect(await load()).toMatchObject({ ending: { kind: 'complete' } });
    expect(await content()).toEqual(new Map([...asMap(records), ['/b', 'beside']]));
  });

  test('a dump of nothing is loaded at once', async () => {
    await writeDump(dumped(), []);
    expect(await load()).toMatchObject({ ending: { kind: 'complete' }, keys: 0, dumpKeys: 0 });
  });
});

describe('over existing keys', () => {
  beforeEach(async () => {
    await writeDump(dumped(), numbered(100));
    await client.put('/a/000003', 'another');
    await client.put('/a/000005', 'value 5');
    await client.put('/a/z', 'of nobody');
  });

  test('--overwrite puts all', async () => {
    expect(await load({ mode: 'overwrite' })).toMatchObject({
      ending: { kind: 'complete' },
      keys: 100,
      there: undefined,
    });
    expect(await content()).toEqual(new Map([...asMap(numbered(100)), ['/a/z', 'of nobody']]));
  });

  test.each([1, 2, 16])('--only-missing puts what is not there, %i at once', async (batchKeys) => {
    const result = await load({ mode: 'only-missing', batchKeys });
    expect(result).toMatchObject({ ending: { kind: 'complete' }, keys: 100, there: 2 });
    expect(await content()).toEqual(
      new Map([...asMap(numbered(100)), ['/a/000003', 'another'], ['/a/z', 'of nobody']]),
    );
    expect((await client.range('/a/000005')).kvs).toMatchObject([{ version: 1 }]);
  });

  test('etcd takes as many in a transaction as with puts alone', async () => {
    await writeDump(dumped('many.csv'), numbered(1000));
    const result = await load({ mode: 'only-missing', batchKeys: 128 }, dumped('many.csv'));
    expect(result).toMatchObject({ ending: { kind: 'complete' }, keys: 1000, there: 2 });
  });
});

describe('leases', () => {
  const lease = (id: bigint, ttlSeconds: number) => ({ lease: id, ttlSeconds });
  const leaseOf = async (key: string) => (await client.range(key)).kvs[0]?.lease;

  test('are granted again under their ids, kept alive, and left out where they were gone', async () => {
    const id = 0x7fff_0000_0000_0001n;
    await writeDump(dumped(), [
      recordOf('one', '1', lease(id, 600)),
      recordOf('two', '2', lease(id, 600)),
      recordOf('four', '4', lease(78n, -1)),
      recordOf('five', '5'),
    ]);
    const result = await load();
    expect(result.leases).toEqual({ granted: 1, raised: 0, found: 0, gone: 1, lost: 0 });
    expect(await leaseOf('one')).toBe(id);
    expect(await leaseOf('two')).toBe(id);
    expect(await leaseOf('four')).toBe(0n);
    expect(await leaseOf('five')).toBe(0n);
    expect(await client.leaseTimeToLive(id, { keys: true })).toMatchObject({
      grantedTtlSeconds: 600,
      keys: { length: 2 },
    });
    await client.leaseRevoke(id);
  });

  test('that etcd gives more time than they had left are told', async () => {
    // It grants none of a second.
    await writeDump(dumped(), [recordOf('three', '3', lease(77n, 1))]);
    expect((await load()).leases).toMatchObject({ granted: 1, raised: 1 });
  });

  test('that are there already get the keys', async () => {
    await client.leaseGrant(900, 99n);
    await writeDump(dumped(), [recordOf('one', '1', lease(99n, 60))]);
    expect((await load()).leases).toMatchObject({ granted: 0, found: 1 });
    expect(await leaseOf('one')).toBe(99n);
    expect(await client.leaseTimeToLive(99n)).toMatchObject({ grantedTtlSeconds: 900 });
    await client.leaseRevoke(99n);
  });

  test('are dropped where that is asked for', async () => {
    await writeDump(
      dumped(),
      [recordOf('one', '1', lease(55n, 60))],
      {},
      { columns: ['key', 'value', 'encoding', 'lease'] },
    );
    await expect(load()).rejects.toThrow('the dump does not say how long its leases had left');
    expect(await load({ leases: 'drop' })).toMatchObject({ ending: { kind: 'complete' }, leases: undefined });
    expect(await leaseOf('one')).toBe(0n);
  });
});

describe('part of a dump', () => {
  beforeEach(() => writeDump(dumped(), [...numbered(5, '/a/'), ...numbered(5, '/b/'), ...numbered(5, '/b/c/')]));

  test('is what is below the prefixes', async () => {
    await client.put('/a/there', 'is no obstacle');
    await load({ prefixes: [Buffer.from('/b/c/'), Buffer.from('/b/000001')] });
    const there = [...(await content()).keys()];
    expect(there).toEqual(['/a/there', '/b/000001', ...numbered(5, '/b/c/').map(({ key }) => text(key))]);
  });

  test('the dump must know of it', async () => {
    await writeDump(dumped('b.csv'), numbered(5, '/b/'), { prefixes: [Buffer.from('/b/')] });
    await expect(load({ prefixes: [Buffer.from('/c/')] }, dumped('b.csv'))).rejects.toThrow(
      "the dump holds nothing below '/c/'",
    );
    await load({ prefixes: [Buffer.from('/')] }, dumped('b.csv'));
    expect(await content()).toEqual(asMap(numbered(5, '/b/')));
  });
});

describe('any contents', () => {
  const bytes = (minLength: number) =>
    fc.oneof(
      fc.uint8Array({ minLength, maxLength: 20 }),
      fc.string({ minLength, maxLength: 20, unit: 'binary' }).map((value) => Buffer.from(value)),
      fc.constantFrom('"', '\r\n', '\0', ',', '\\').map((value) => Buffer.from(value)),
    );
  const records = fc
    .uniqueArray(fc.tuple(bytes(1), bytes(0)), { selector: ([key]) => text(Buffer.from(key)), maxLength: 60 })
    .map((pairs) => pairs.map(([key, value]) => recordOf(Buffer.from(key), Buffer.from(value))));

  test.each(['overwrite', 'only-missing'] as const)('are the same when they were loaded (%s)', async (mode) => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 60 }),
        async (all, batchKeys, batchBytes) => {
          await client.deleteRange('', { prefix: true });
          await writeDump(dumped(), all);
          const result = await load({ mode, batchKeys, batchBytes });
          expect(result).toMatchObject({ ending: { kind: 'complete' }, keys: all.length });
          expect(await content()).toEqual(asMap(all));
        },
      ),
      { numRuns: 15 },
    );
  });

  test.each(['empty', 'only-missing'] as const)('with values of 1.5 MB (%s)', async (mode) => {
    const large = ['x', 'y', 'z'].map((key) => recordOf(key, Buffer.alloc(1_500_000, key)));
    await writeDump(dumped('large.csv.gz'), [...numbered(100), ...large]);
    expect(await load({ mode }, dumped('large.csv.gz'))).toMatchObject({
      ending: { kind: 'complete' },
      keys: 103,
      retries: 0,
    });
    for (const { key, value } of large) expect((await client.range(key)).kvs[0]?.value.equals(value!)).toBe(true);
  });

  test('a value as large as etcd takes it at all goes in', async () => {
    // A put of it alone is what fits exactly.
    const limit = 1.5 * 2 ** 20;
    const largest = await largestValue(limit - 200, limit);
    await client.deleteRange('', { prefix: true });
    await writeDump(dumped(), [recordOf('k', Buffer.alloc(largest, 'v')), recordOf('l', 'small')]);
    expect(await load()).toMatchObject({ ending: { kind: 'complete' }, keys: 2 });
  });

  /** By halving, with puts. */
  async function largestValue(fits: number, fails: number): Promise<number> {
    if (fails - fits <= 1) return fits;
    const middle = Math.floor((fits + fails) / 2);
    const isTaken = await client.put('k', Buffer.alloc(middle, 'v')).then(
      () => true,
      () => false,
    );
    return isTaken ? largestValue(middle, fails) : largestValue(fits, middle);
  }
});

describe('what is not put', () => {
  const before = new Map();

  test('a dump that was cut short, or changed', async () => {
    for (const ending of ['csv', 'csv.gz']) {
      const file = dumped(`dump.${ending}`);
      const { file: whole } = await writeDump(file, numbered(1000));
      await truncate(file, whole.bytes >> 1);
      await expect(load({}, file)).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining('cut short'),
      });
      await writeDump(dumped(`other.${ending}`), numbered(999));
      await rename(dumped(`other.${ending}`), file);
      await appendFile(file, 'x'.repeat(10_000));
      await expect(load({ isUnverified: true }, file)).rejects.toMatchObject({ exitCode: 2 });
    }
    await untouched(before);
  });

  test('what is no dump', async () => {
    for (const foreign of ['', 'just some text\n', '[{"key":"a"}]', 'a,b,c\r\n1,2,3\r\n', '\0\x01\x02']) {
      await writeFile(dumped('foreign'), foreign);
      await expect(load({ isUnverified: true }, dumped('foreign'))).rejects.toMatchObject({ exitCode: 2 });
    }
    await expect(load({}, dumped('none.csv'))).rejects.toMatchObject({ exitCode: 2, message: 'there is no such file' });
    await untouched(before);
  });

  test('a dump without values', async () => {
    await writeDump(dumped(), numbered(10), {}, { values: 'none' });
    await expect(load()).rejects.toThrow('the dump was made without values: there is nothing to put');
    await untouched(before);
  });

  test('a dump of which nobody can tell whether it is whole, unless that is asked for', async () => {
    await writeDump(dumped(), numbered(10), { complete: false, reason: 'revision 5 was compacted' });
    await expect(load()).rejects.toThrow('the dump is not complete: revision 5 was compacted');
    await rm(manifestPath(dumped()));
    await expect(load()).rejects.toThrow('there is no manifest beside the dump');
    await untouched(before);
    expect(await load({ isUnverified: true })).toMatchObject({ ending: { kind: 'complete' }, keys: 10, dumpKeys: 10 });
    await appendFile(dumped(), '"half a row');
    await expect(load({ isUnverified: true, mode: 'overwrite' })).rejects.toMatchObject({ exitCode: 2 });
  });
});
