import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { InputError } from '@etcdperf/core/errors';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeyRecord } from '../../contents/key-record.ts';
import { manifestPath } from '../../formats/dump-manifest.ts';
import { writeDump } from '../../testing/write-dump.ts';
import { verifyFile } from './verify-file.ts';

const { signal } = new AbortController();
const verify = (path: string) => verifyFile(path, { signal });

const records = Array.from({ length: 100 }, (_, row): KeyRecord => {
  const value = Buffer.from(row % 7 === 0 ? [0xff, 0, row & 0xff] : `value "${row}",\n`);
  return {
    key: Buffer.from(`/keys/${String(row).padStart(4, '0')}`),
    value,
    valueSize: value.length,
    createRevision: row + 2,
    modRevision: row + 2,
    version: 1,
    lease: 0n,
    ttlSeconds: undefined,
  };
});
const valueBytes = records.reduce((sum, { valueSize }) => sum + valueSize!, 0);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-verify-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Endings and formats, each with what it is written as. */
const KINDS = [
  ['plain.csv', 'csv'],
  ['packed.csv.gz', 'csv'],
  ['packed.csv.zst', 'csv'],
  ['plain.jsonl', 'jsonl'],
  ['packed.jsonl.gz', 'jsonl'],
  ['packed.jsonl.zst', 'jsonl'],
] as const;

async function dump(name: string, format: 'csv' | 'jsonl' = 'csv', facts: Parameters<typeof writeDump>[2] = {}) {
  const path = join(folder, name);
  await writeDump(path, records, facts, { format });
  return path;
}

test.each(KINDS)('%s: what it holds, and that it is whole', async (name, format) => {
  const path = await dump(`whole-${name}`, format, { filters: ['size>1'], sinceRevision: 1 });
  const report = await verify(path);
  expect(report).toMatchObject({
    kind: 'dump',
    file: path,
    verdict: { kind: 'whole' },
    keys: 100,
    keyBytes: 100 * 10,
    valueBytes,
    origin: {
      revision: 3,
      clusterId: 'abc',
      prefixes: [{ text: '', base64: '' }],
      filters: ['size>1'],
      sinceRevision: 1,
    },
  });
  const { stdout } = await promisify(execFile)('sha256sum', [path]);
  expect(report.sha256).toBe(stdout.slice(0, 64));
});

test('a dump without a key', async () => {
  for (const [name, format] of KINDS) {
    const path = join(folder, `empty-${name}`);
    await writeDump(path, [], {}, { format });
    expect(await verify(path)).toMatchObject({ verdict: { kind: 'whole' }, keys: 0 });
  }
});

test('a dump that a compaction has cut says so', async () => {
  const path = await dump('incomplete.csv', 'csv', { complete: false, reason: 'compacted at 9' });
  expect(await verify(path)).toMatchObject({ verdict: { kind: 'incomplete', reason: 'compacted at 9' }, keys: 100 });
});

test('without a manifest nothing tells', async () => {
  const path = await dump('alone.csv');
  await rm(manifestPath(path));
  expect(await verify(path)).toMatchObject({
    verdict: { kind: 'unproven', reason: expect.stringContaining('no manifest') },
    keys: 100,
    origin: undefined,
  });
});

test('a file that ends too early: in which row', async () => {
  const path = await dump('cut.csv');
  const content = await readFile(path);
  const row = content.indexOf('/keys/0042');
  await truncate(path, row + 4);
  expect(await verify(path)).toMatchObject({
    verdict: { kind: 'damaged', reason: 'it is cut short: it ends in the middle of row 43 of 100' },
    keys: 42,
  });
  await truncate(path, row);
  expect(await verify(path)).toMatchObject({
    verdict: { kind: 'damaged', reason: 'it is cut short: it ends after row 42 of 100', where: path },
  });
});

test('a value that was changed', async () => {
  const path = await dump('changed.csv');
  const content = await readFile(path, 'latin1');
  await writeFile(path, content.replace('value ""8""', 'value ""9""'), 'latin1');
  expect(await verify(path)).toMatchObject({
    verdict: { kind: 'damaged', reason: expect.stringMatching(/^its checksum differs: /) },
  });
});

test('a row that was changed so that it is none: where', async () => {
  const path = await dump('broken.csv');
  const content = await readFile(path, 'latin1');
  const changed = content.replace('/keys/0001,', '/keys/"001,');
  await writeFile(path, changed, 'latin1');
  // The first value takes one line.
  expect(await verify(path)).toMatchObject({ verdict: { kind: 'damaged', where: `${path}:3:7` } });
});

test('the manifest of another dump', async () => {
  const path = await dump('mine.csv');
  const other = join(folder, 'other.csv');
  await writeDump(other, records.slice(7));
  await writeFile(manifestPath(path), await readFile(manifestPath(other)));
  expect(await verify(path)).toMatchObject({
    verdict: { kind: 'damaged', reason: expect.stringMatching(/^its manifest is of another file, or rows were added/) },
  });
  await writeDump(other, records, {}, { values: 'hex' });
  await writeFile(manifestPath(path), await readFile(manifestPath(other)));
  expect(await verify(path)).toMatchObject({
    verdict: { kind: 'damaged', reason: expect.stringMatching(/^its manifest is of another file: /) },
  });
});

test.each(KINDS)('%s: wherever it ends too early, it is not whole', async (name, format) => {
  const path = await dump(`short-${name}`, format);
  const content = await readFile(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(content.length - 1), async (size) => {
      await writeFile(path, content.subarray(0, size));
      expect(await verdictOf(path)).not.toBe('whole');
    }),
    { numRuns: 15 },
  );
});

test.each(KINDS)('%s: whatever bit is flipped, of it or its manifest, it is not whole', async (name, format) => {
  const path = await dump(`flipped-${name}`, format);
  const flip = async (file: string) => {
    const content = await readFile(file);
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length - 1), fc.nat(7), async (at, bit) => {
        const flipped = Buffer.from(content);
        flipped[at]! ^= 1 << bit;
        await writeFile(file, flipped);
        expect(await verdictOf(path)).not.toBe('whole');
      }),
      { numRuns: 15 },
    );
    await writeFile(file, content);
  };
  await flip(path);
  await flip(manifestPath(path));
  expect(await verdictOf(path)).toBe('whole');
});

/** Or that it is no dump at all. */
async function verdictOf(path: string): Promise<string> {
  try {
    return (await verify(path)).verdict.kind;
  } catch (error) {
    if (error instanceof InputError) return 'foreign';
    throw error;
  }
}

test.each<[string, Buffer, RegExp]>([
  ['nothing', Buffer.alloc(0), /it is empty/],
  ['text', Buffer.from('hello\n'), /it looks like text/],
  ['a program', Buffer.from("import { a, b } from 'c';\n"), /it looks like text/],
  ['CSV of others', Buffer.from('name,age\r\nA,1\r\n'), /it looks like CSV, though its header is not that of a dump/],
  ['a JSON array', Buffer.from('[{"key":"a"}]'), /it looks like a JSON array/],
  ['JSON of others', Buffer.from('{"name":"a"}\n'), /it looks like JSON, though not of a dump/],
  ['what a spreadsheet has saved', Buffer.from('\ufeffkey,value\r\n'), /byte order mark/],
  ['bytes', Buffer.from([1, 2, 3, 4]), /it looks like binary data/],
  ['packed text', gzipSync('hello\n'), /it looks like text/],
])('%s is refused', async (_, content, message) => {
  const path = join(folder, 'foreign');
  await writeFile(path, content);
  await expect(verify(path)).rejects.toThrow(expect.objectContaining({ name: 'InputError', where: path }));
  await expect(verify(path)).rejects.toThrow(message);
});

test('no file, and a folder', async () => {
  await expect(verify(join(folder, 'missing.csv'))).rejects.toThrow(InputError);
  await expect(verify(folder)).rejects.toThrow(InputError);
});
