import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InputError, InterruptedError, OperationError } from '@etcdperf/core/errors';
import { startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { KeyRecord } from '../../contents/key-record.ts';
import { parseFilter } from '../../filters/parse-filter.ts';
import { openDumpFile } from '../../formats/open-dump-file.ts';
import { renderDump } from '../../render/render-dump.ts';
import { dumpCluster } from './dump-cluster.ts';
import type { DumpReport } from './dump-report.ts';
import type { DumpContext, DumpProgress, DumpSettings } from './dump-settings.ts';

/** More than a few pages: the first ones are small. */
const KEYS = 3000;
const NEVER = new AbortController().signal;

let folder: string;
let etcd: TestCluster;
let client: WireClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-dump-'));
  etcd = await startEtcd();
  client = await WireClient.connect({ endpoints: etcd.endpoints, requestTimeoutMs: 30_000 });
  for (let from = 0; from < KEYS; from += 100)
    await client.txn({
      success: Array.from({ length: 100 }, (_, index) => {
        const key = `/many/${String(from + index).padStart(6, '0')}`;
        return { kind: 'put', key, value: `value, of ${key}` } as const;
      }),
    });
});
afterAll(async () => {
  await client.close();
  await etcd.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A folder of its own, which tells what is left there. */
async function newPlace(): Promise<{ file: (name: string) => string; left: () => Promise<string[]> }> {
  const own = await mkdtemp(join(folder, 'one-'));
  return { file: (name) => join(own, name), left: () => readdir(own) };
}

function dump(
  output: string,
  settings: Partial<DumpSettings> = {},
  context: Partial<DumpContext> = {},
): Promise<DumpReport> {
  return dumpCluster(
    {
      access: { endpoints: etcd.endpoints },
      prefixes: [],
      timeoutMs: 30_000,
      output,
      isForced: false,
      layout: {},
      filters: [],
      isRestarted: false,
      ...settings,
    },
    { signal: NEVER, onStep: () => undefined, onInfo: () => undefined, onProgress: () => undefined, ...context },
  );
}

async function read(path: string): Promise<KeyRecord[]> {
  await using file = await openDumpFile(path, NEVER);
  const records: KeyRecord[] = [];
  for await (const batch of file.batches()) records.push(...batch);
  return records;
}

test('a file and its manifest, which say all there is', async () => {
  const place = await newPlace();
  const { revision } = (await client.range('x')).header;
  const report = await dump(place.file('a.csv.gz'));
  expect(report).toMatchObject({ revision, keys: KEYS, total: KEYS, complete: true, restarts: 0, prefixes: [''] });
  expect(await place.left()).toEqual(['a.csv.gz', 'a.csv.gz.manifest.json']);
  const records = await read(place.file('a.csv.gz'));
  const { kvs } = await client.range('', { prefix: true });
  expect(records).toEqual(kvs.map((kv) => ({ ...kv, valueSize: kv.value.length, ttlSeconds: undefined })));
  expect(renderDump(report)).toContain(`a.csv.gz: ${KEYS} keys, `);
});

test('the bytes that users see', async () => {
  const place = await newPlace();
  const lease = await client.leaseGrant(3600);
  await client.put('/see/1', 'a "quoted", value');
  const { header } = await client.put('/see/2', Buffer.from([0, 0xff]), { lease: lease.id });
  await dump(place.file('a.csv'), { prefixes: [Buffer.from('/see/')] });
  const [one, two] = [header.revision - 1, header.revision];
  const id = lease.id.toString(16).padStart(16, '0');
  expect(await readFile(place.file('a.csv'), 'utf8')).toMatch(
    new RegExp(
      '^key,value,encoding,create_revision,mod_revision,version,lease,ttl_left,value_size\r\n' +
        `/see/1,"a ""quoted"", value",,${one},${one},1,,,17\r\n` +
        `/see/2,AP8=,value,${two},${two},1,${id},3[56]\\d\\d,2\r\n$`,
    ),
  );
  await dump(place.file('b.csv'), {
    prefixes: [Buffer.from('/see/')],
    filters: [parseFilter('lease=none'), parseFilter('size>3')],
    layout: { columns: ['key', 'value_size'], keys: 'hex' },
  });
  expect(await readFile(place.file('b.csv'), 'utf8')).toBe('key_hex,value_size\r\n2f7365652f31,17\r\n');
  await client.leaseRevoke(lease.id);
  await client.deleteRange('/see/1');
});

test('prefixes that hold nothing: a header alone, and it is said', async () => {
  const place = await newPlace();
  const report = await dump(place.file('a.csv'), { prefixes: [Buffer.from('/none/'), Buffer.from('/neither/')] });
  expect(report).toMatchObject({ keys: 0, total: 0, complete: true });
  expect(renderDump(report)).toContain('there are no keys below /neither/, /none/');
  expect((await readFile(place.file('a.csv'), 'utf8')).split('\r\n')).toHaveLength(2);
  expect(await read(place.file('a.csv'))).toEqual([]);
});

test('what was modified since a revision, and what was at one', async () => {
  const place = await newPlace();
  const { header } = await client.put('/since/1', 'old');
  await client.put('/since/2', 'new');
  await dump(place.file('a.jsonl'), { sinceRevision: header.revision, layout: { format: 'jsonl' } });
  expect((await read(place.file('a.jsonl'))).map(({ key }) => key.toString())).toEqual(['/since/2']);
  await dump(place.file('b.csv'), { revision: header.revision, prefixes: [Buffer.from('/since/')] });
  expect((await read(place.file('b.csv'))).map(({ key }) => key.toString())).toEqual(['/since/1']);
  await client.deleteRange('/since/', { prefix: true });
});

test('a file that is there is refused, or replaced when that is asked for', async () => {
  const place = await newPlace();
  await writeFile(place.file('a.csv'), 'kept');
  await expect(dump(place.file('a.csv'))).rejects.toThrow(InputError);
  await expect(dump(place.file('a.csv'))).rejects.toMatchObject({ where: place.file('a.csv'), exitCode: 2 });
  expect(await readFile(place.file('a.csv'), 'utf8')).toBe('kept');
  await dump(place.file('a.csv'), { isForced: true });
  expect(await read(place.file('a.csv'))).toHaveLength(KEYS);
});

test.each<[string, Partial<DumpSettings>, RegExp]>([
  ['a filter on values that nobody reads', { layout: { keysOnly: true }, filters: [parseFilter('size>1')] }, /size>1/],
  ['a revision that is yet to come', { revision: 1_000_000 }, /there is no 1000000 yet/],
])('%s is refused, and nothing is written', async (_, settings, message) => {
  const place = await newPlace();
  await expect(dump(place.file('a.csv'), settings)).rejects.toThrow(InputError);
  await expect(dump(place.file('a.csv'), settings)).rejects.toThrow(message);
  expect(await place.left()).toEqual([]);
});

/** What it reads through: cut after the first page, until something was done to the cluster. */
async function throughProxy(work: (times: number) => Promise<unknown>) {
  const proxy = await startTcpProxy(etcd.members[0]!.clientPort);
  const done: Promise<unknown>[] = [];
  let revision = 0;
  const onProgress = (progress: DumpProgress) => {
    // Once at each revision.
    if (progress.revision === revision || progress.keys === progress.total) return;
    revision = progress.revision;
    proxy.cut();
    done.push(work(done.length + 1).finally(() => proxy.heal()));
  };
  return {
    access: { endpoints: [`http://${proxy.address}`] },
    onProgress,
    times: () => done.length,
    async [Symbol.asyncDispose]() {
      await Promise.all(done);
      await proxy.close();
    },
  };
}

async function compactNow(): Promise<void> {
  const { header } = await client.put('/zz/other', 'x');
  await client.compact(header.revision);
}

describe('faults in the middle', () => {
  test('the connection breaks: it goes on', async () => {
    const place = await newPlace();
    await using cut = await throughProxy(async () => undefined);
    await dump(place.file('a.csv'), { access: cut.access }, cut);
    expect(cut.times()).toBe(1);
    expect((await read(place.file('a.csv'))).length).toBeGreaterThanOrEqual(KEYS);
  });

  test('compacted: the dump keeps what came before, and says so', async () => {
    const place = await newPlace();
    await using cut = await throughProxy(compactNow);
    const report = await dump(place.file('a.csv'), { access: cut.access }, cut);
    const reason = `revision ${report.revision} is compacted away: only the first keys are here`;
    expect(report).toMatchObject({ complete: false, reason, restarts: 0 });
    expect(report.keys).toBeGreaterThan(0);
    expect(report.keys).toBeLessThan(KEYS);
    expect(renderDump(report)).toMatch(/^NOT complete: /);
    expect(await place.left()).toEqual(['a.csv', 'a.csv.manifest.json']);
    await using file = await openDumpFile(place.file('a.csv'), NEVER);
    expect(file.manifest).toMatchObject({ complete: false, reason, keys: report.keys });
  });

  test('compacted, to begin again: the dump is whole, at a newer revision', async () => {
    const place = await newPlace();
    const told: string[] = [];
    await using cut = await throughProxy(async (times) => times < 3 && compactNow());
    const report = await dump(
      place.file('a.csv'),
      { access: cut.access, isRestarted: true },
      { onProgress: cut.onProgress, onInfo: (text) => void told.push(text) },
    );
    expect(report).toMatchObject({ complete: true, restarts: 2 });
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^revision \d+ is compacted away: it begins again at a newer one$/);
    expect((await read(place.file('a.csv'))).length).toBe(report.total);
    expect(await place.left()).toEqual(['a.csv', 'a.csv.manifest.json']);
  });

  test('compacted again and again: it gives up, and keeps what it has', async () => {
    const place = await newPlace();
    await using cut = await throughProxy(compactNow);
    const report = await dump(place.file('a.csv'), { access: cut.access, isRestarted: true }, cut);
    expect(report).toMatchObject({ complete: false, restarts: 5 });
  });

  test('interrupted: nothing is left', async () => {
    const place = await newPlace();
    await writeFile(place.file('a.csv'), 'kept');
    const interruption = new AbortController();
    const dumping = dump(
      place.file('a.csv'),
      { isForced: true },
      { signal: interruption.signal, onProgress: () => interruption.abort(new InterruptedError()) },
    );
    await expect(dumping).rejects.toThrow(InterruptedError);
    expect(await place.left()).toEqual(['a.csv']);
    expect(await readFile(place.file('a.csv'), 'utf8')).toBe('kept');
  });
});

test('the disk is full: that is said, and nothing is left', async () => {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  try {
    const dumping = dump(join(disk, 'a.csv'));
    await expect(dumping).rejects.toThrow(OperationError);
    await expect(dumping).rejects.toMatchObject({
      message: expect.stringContaining('no space left'),
      where: join(disk, 'a.csv'),
    });
    expect(await readdir(disk)).toEqual([]);
  } finally {
    await vi.waitFor(() => promisify(execFile)('umount', [disk]), { timeout: 30_000, interval: 50 });
  }
});

test('through TLS, with a certificate of its own', async () => {
  await using secured = await startEtcd({ tls: 'mutual' });
  const { ca, client: own } = secured.certificates!;
  const access = { endpoints: secured.endpoints, tls: { ca, ...own } };
  await using writer = await WireClient.connect(access);
  await writer.put('/a', 'large'.repeat(200_000));
  await writer.put('/b', 'small');
  const place = await newPlace();
  await dump(place.file('a.csv'), { access });
  expect((await read(place.file('a.csv'))).map(({ valueSize }) => valueSize)).toEqual([1_000_000, 5]);
});
