import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, InterruptedError } from '@etcdperf/core/errors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeyRecord } from '../contents/key-record.ts';
import { writeDump } from '../testing/write-dump.ts';
import { readRows } from './dump-file.ts';
import { dumpLayout } from './dump-layout.ts';
import { manifestPath } from './dump-manifest.ts';
import { createRowsReader, openDumpFile } from './open-dump-file.ts';
import { readContent } from './read-content.ts';

const { signal } = new AbortController();
const record = (row: number, value: Buffer): KeyRecord => ({
  key: Buffer.from(`/keys/${String(row).padStart(3, '0')}`),
  value,
  valueSize: value.length,
  createRevision: 2,
  modRevision: 3,
  version: 2,
  lease: 0n,
  ttlSeconds: undefined,
});
/** Values as large as etcd takes them, so that rows are longer than the pieces that a file is read in, and small ones. */
const records = Array.from({ length: 8 }, (_, row) => {
  const value = row % 4 === 0 ? randomBytes(1_500_000) : Buffer.from(row % 4 === 1 ? '"\n'.repeat(300_000) : 'small');
  return record(row, value);
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-dump-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function keysOf(path: string): Promise<KeyRecord[]> {
  await using dump = await openDumpFile(path, signal);
  const read: KeyRecord[] = [];
  for await (const batch of dump.batches()) read.push(...batch);
  return read;
}

test.each([
  ['csv', 'csv'],
  ['csv.gz', 'csv'],
  ['csv.zst', 'csv'],
  ['jsonl', 'jsonl'],
  ['jsonl.gz', 'jsonl'],
  ['jsonl.zst', 'jsonl'],
] as const)('large values in a .%s', async (ending, format) => {
  const path = join(folder, `large.${ending}`);
  await writeDump(path, records, {}, { format });
  const read = await keysOf(path);
  expect(read.map(({ key }) => key.toString())).toEqual(records.map(({ key }) => key.toString()));
  for (const [row, { value }] of read.entries()) expect(records[row]!.value!.equals(value!)).toBe(true);
});

test('it can be read again, and be left in the middle', async () => {
  const path = join(folder, 'again.csv.gz');
  await writeDump(path, records);
  await using dump = await openDumpFile(path, signal);
  expect(dump).toMatchObject({ compression: 'gzip', manifest: { keys: records.length }, origin: { revision: 3 } });
  for await (const [first] of dump.batches()) {
    expect(first!.key.toString()).toBe('/keys/000');
    break;
  }
  let keys = 0;
  for await (const batch of dump.batches()) keys += batch.length;
  expect(keys).toBe(records.length);
});

test('what was added, changed or cut off shows at the end of reading', async () => {
  const path = join(folder, 'changed.csv');
  await writeDump(path, [record(1, Buffer.from('one')), record(2, Buffer.from('two'))]);
  const content = await readFile(path, 'utf8');
  await appendFile(path, '/keys/003,three,,2,3,2,,,5\r\n');
  await expect(keysOf(path)).rejects.toThrow(expect.objectContaining({ name: 'DamagedDumpError', kind: 'differs' }));
  await writeFile(path, content.replace('two', 'owt'));
  await expect(keysOf(path)).rejects.toThrow(expect.objectContaining({ kind: 'differs', rows: 2 }));
  await writeFile(path, content.slice(0, content.indexOf('/keys/002')));
  await expect(keysOf(path)).rejects.toThrow(expect.objectContaining({ kind: 'cut-short', rows: 1 }));
  await rm(manifestPath(path));
  expect(await keysOf(path)).toHaveLength(1);
});

test('rows that others wrote: lines end without a carriage return, quotes where none are needed', async () => {
  const path = join(folder, 'others.csv');
  await writeFile(path, 'version,key,value\n"1","a","x"\n2,b,\n');
  expect(await keysOf(path)).toMatchObject([
    { key: Buffer.from('a'), value: Buffer.from('x'), version: 1, valueSize: 1 },
    { key: Buffer.from('b'), value: Buffer.alloc(0), version: 2, valueSize: 0 },
  ]);
});

test('a manifest that was changed, and Ctrl-C', async () => {
  const path = join(folder, 'manifest.csv');
  await writeDump(path, records.slice(1, 2));
  const manifest = await readFile(manifestPath(path), 'utf8');
  await writeFile(manifestPath(path), manifest.replace('"revision": 3', '"revision": 4'));
  await expect(keysOf(path)).rejects.toThrow(InputError);
  await expect(keysOf(path)).rejects.toThrow(expect.objectContaining({ where: manifestPath(path) }));
  await writeFile(manifestPath(path), manifest);
  const interruption = new AbortController();
  await using dump = await openDumpFile(path, interruption.signal);
  interruption.abort();
  const batches = dump.batches()[Symbol.asyncIterator]();
  await expect(batches.next()).rejects.toThrow(InterruptedError);
});

test('a quote that is never closed does not fill the memory', async () => {
  const path = join(folder, 'endless.csv');
  await writeFile(path, `key\r\na\r\n"${'b\r\n'.repeat(2_000_000)}`);
  const reading = await readContent(path, { isHashed: false, signal });
  const rows = readRows(reading, createRowsReader(dumpLayout({ columns: ['key'] }), path), path, 3_000_000);
  expect((await rows.next()).value).toHaveLength(1);
  await expect(rows.next()).rejects.toThrow(expect.objectContaining({ kind: 'bad-row', rows: 1 }));
  await reading.chunks.return?.();
  expect(reading.file().bytes).toBeLessThan(5_500_000);
});
