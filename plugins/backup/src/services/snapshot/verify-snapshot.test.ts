import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@etcdperf/core/errors';
import { startEtcd } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeSnapshot } from './take-snapshot.ts';
import { verifySnapshot } from './verify-snapshot.ts';

let folder: string;
let file: string;
let whole: Buffer;
/** Of a member that has ended. */
let database: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-verify-'));
  file = join(folder, 'snapshot.db');
  database = join(folder, 'member.db');
  await using etcd = await startEtcd();
  await using client = await WireClient.connect({ endpoints: etcd.endpoints });
  for (let index = 0; index < 300; index += 1) await client.put(`key-${index}`, `value-${index}`.repeat(20));
  await takeSnapshot({ access: { endpoints: etcd.endpoints }, file });
  whole = await readFile(file);
  await etcd.members[0]!.kill('SIGTERM');
  await copyFile(join(etcd.members[0]!.dataDir, 'member/snap/db'), database);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function verdictOf(content: Buffer | string, name = 'other.db') {
  const path = join(folder, name);
  await writeFile(path, content);
  return (await verifySnapshot(path)).verdict;
}

test('whole', async () => {
  expect(await verifySnapshot(file)).toMatchObject({ verdict: { kind: 'whole' }, database: { versions: 300 } });
  expect(await verdictOf(whole)).toEqual({ kind: 'whole' });
});

test('cut short anywhere: damaged', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 64, max: whole.length - 1 }), async (length) => {
      // Without its checksum alone it is what a member's own file looks like.
      const kind = length === whole.length - 32 ? 'unproven' : 'damaged';
      expect((await verdictOf(whole.subarray(0, length))).kind).toBe(kind);
    }),
    { numRuns: 60, examples: [[whole.length - 32], [whole.length - 512 - 32], [whole.length - 512]] },
  );
});

test('any byte changed: damaged', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 20, max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, by) => {
        const changed = Buffer.from(whole);
        changed[at]! ^= by;
        expect((await verdictOf(changed)).kind).toBe('damaged');
      },
    ),
    { numRuns: 100 },
  );
});

test('whatever is in the pages, a tree of them is not walked for ever, and nothing but damage is found', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 20, max: whole.length - 40 }), fc.integer({ min: 0, max: 255 })), {
        maxLength: 200,
      }),
      async (changes) => {
        const changed = Buffer.from(whole.subarray(0, -32));
        for (const [at, value] of changes) changed[at] = value;
        const { verdict } = await verifySnapshot(await written(sealed(changed)));
        expect(['whole', 'damaged']).toContain(verdict.kind);
      },
    ),
    { numRuns: 60 },
  );
});

test('changed, with a checksum of its own: the manifest tells', async () => {
  const changed = Buffer.from(whole.subarray(0, -32));
  changed.write('VALUE', changed.indexOf('value-17'));
  const path = join(folder, 'changed.db');
  await writeFile(path, sealed(changed));
  expect((await verifySnapshot(path)).verdict).toEqual({ kind: 'whole' });
  await copyFile(`${file}.manifest.json`, `${path}.manifest.json`);
  expect(await verifySnapshot(path)).toMatchObject({
    verdict: { kind: 'damaged', reason: expect.stringContaining('manifest') },
    manifest: undefined,
  });
});

test("a member's own file has no checksum", async () => {
  expect(await verifySnapshot(database)).toMatchObject({
    verdict: { kind: 'unproven' },
    database: { versions: 300, series: '3.6' },
    manifest: undefined,
  });
});

test.each([
  ['nothing', ''],
  ['text', 'key,value\r\n'.repeat(100)],
  ['gzip', Buffer.from([0x1f, 0x8b, ...Array<number>(100).fill(7)])],
])('%s is not a snapshot', async (_, content) => {
  await expect(verdictOf(content, 'foreign')).rejects.toThrow(InputError);
});

test('what is not there, or no file', async () => {
  await expect(verifySnapshot(join(folder, 'none'))).rejects.toThrow(InputError);
  await expect(verifySnapshot(folder)).rejects.toThrow(InputError);
});

/** As etcd ends a snapshot. */
function sealed(content: Buffer): Buffer {
  return Buffer.concat([content, createHash('sha256').update(content).digest()]);
}

async function written(content: Buffer): Promise<string> {
  const path = join(folder, 'written.db');
  await writeFile(path, content);
  return path;
}
