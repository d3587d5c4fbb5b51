import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CompareRequest, type CompareSource, compareSources } from './compare-sources.ts';

let one: TestCluster;
let other: TestCluster;
let folder: string;
/** The revision at which both clusters hold the same. */
let revision = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-compare-'));
  [one, other] = await Promise.all([startEtcd(), startEtcd()]);
  for (const cluster of [one, other]) {
    const client = await WireClient.connect({ endpoints: cluster.endpoints });
    for (let index = 0; index < 300; index += 1) await client.put(`/a/${index}`, Buffer.alloc(500, index));
    revision = (await client.put(Buffer.of(0xff, 0x00), 'binary')).header.revision;
    if (cluster === other) {
      await client.put('/a/7', Buffer.concat([Buffer.alloc(500, 7), Buffer.of(8)]));
      await client.put('/a/new', 'new');
      await client.deleteRange('/a/9');
      await client.put('/z', 'new');
    }
    await client.close();
  }
});

afterAll(async () => {
  await Promise.all([one.stop(), other.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function cluster({ endpoints }: TestCluster, at?: number): CompareSource {
  return { kind: 'cluster', name: endpoints[0]!, access: { endpoints }, revision: at };
}

async function dump(name: string, text: string): Promise<CompareSource> {
  const path = join(folder, name);
  await writeFile(path, text);
  return { kind: 'dump', path };
}

function compare(a: CompareSource, b: CompareSource, more: Partial<CompareRequest> = {}) {
  return compareSources(
    { a, b, fields: ['value'], prefixes: [], limit: 10, mostValueBytes: 0, timeoutMs: 30_000, ...more },
    { signal: new AbortController().signal, onStep: () => undefined },
  );
}

describe('clusters', () => {
  test('at the same contents are the same, also leases, revisions and versions', async () => {
    const report = await compare(cluster(one), cluster(other, revision), {
      fields: ['value', 'lease', 'revisions', 'version'],
    });
    expect(report).toMatchObject({ isSame: true, same: 301, b: { revision }, notes: [] });
    expect(report.a.clusterId).not.toBe(report.b.clusterId);
  });

  test('that differ', async () => {
    const outputPath = join(folder, 'differences.jsonl');
    const report = await compare(cluster(one), cluster(other), { outputPath, limit: 1 });
    expect(report).toMatchObject({ isSame: false, same: 299, added: 2, removed: 1, changed: 1, outputPath });
    expect(report.differences).toMatchObject({
      added: [{ key: '/a/new' }],
      removed: [{ key: '/a/9' }],
      changed: [{ key: '/a/7', firstDifference: 500, a: { valueSize: 500 }, b: { valueSize: 501 } }],
    });
    const lines = (await readFile(outputPath, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { kind: 'changed', key: '/a/7' },
      { kind: 'removed', key: '/a/9' },
      { kind: 'added', key: '/a/new' },
      { kind: 'added', key: '/z' },
    ]);
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('below a prefix, and one prefix with another', async () => {
    const below = await compare(cluster(one), cluster(other), { prefixes: [Buffer.from('/a/1')] });
    expect(below).toMatchObject({ isSame: true, same: 111, prefixes: ['/a/1'] });
    const everything = await compare(cluster(one), cluster(one), { prefixes: [Buffer.alloc(0)] });
    expect(everything).toMatchObject({ isSame: true, same: 301, prefixes: [] });
    const mapping = { from: Buffer.from('/a/1'), to: Buffer.from('/a/2') };
    const mapped = await compare(cluster(one), cluster(one), { mapping });
    expect(mapped).toMatchObject({ changed: 111, added: 0, removed: 0 });
  });

  test('of which one can’t be reached: no file of differences is left', async () => {
    const outputPath = join(folder, 'never.jsonl');
    const gone: CompareSource = {
      kind: 'cluster',
      name: 'gone',
      access: { endpoints: ['http://127.0.0.1:1'] },
      revision: undefined,
    };
    await expect(compare(cluster(one), gone, { outputPath })).rejects.toMatchObject({ exitCode: 1 });
    expect((await readdir(folder)).filter((name) => name.startsWith('never'))).toEqual([]);
  });
});

describe('dumps', () => {
  test('and a cluster', async () => {
    const keys = Array.from({ length: 300 }, (_, index) => `/a/${index}`).sort();
    const lines = keys.map((key) => `${key},500\r\n`);
    const sizes = await dump('sizes.csv', `key,value_size\r\n${lines.join('')}`);
    const report = await compare(sizes, cluster(one), { prefixes: [Buffer.from('/')] });
    expect(report).toMatchObject({ isSame: true, same: 300, valuesComparedBy: { values: 0, sizes: 300, nothing: 0 } });
    const bare = await dump('bare.csv', `key\r\n${keys.map((key) => `${key}\r\n`).join('')}`);
    const byKeys = await compare(cluster(other), bare);
    expect(byKeys).toMatchObject({ added: 1, removed: 3, changed: 0, valuesComparedBy: { nothing: 299 } });
  });

  test('that are the same, and that are not', async () => {
    const a = await dump('a.csv', 'key,value\r\n/a,1\r\n/b,2\r\n');
    const b = await dump('b.csv', 'key,value\r\n/a,1\r\n/b,3\r\n');
    expect(await compare(a, a)).toMatchObject({ isSame: true, same: 2 });
    expect(await compare(a, b)).toMatchObject({ isSame: false, same: 1, changed: 1 });
  });

  test.each([
    ['key,value\r\n/b,1\r\n/a,2\r\n', /comes after/],
    ['key,value\r\n/a,1\r\n/a,2\r\n', /is there twice/],
    ['{"a":1}', /no dump/],
  ])('that are wrong input: %j', async (text, message) => {
    const right = await dump('right.csv', 'key,value\r\n/a,1\r\n');
    const wrong = compare(right, await dump('wrong.csv', text));
    await expect(wrong).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
  });

  test('whose differences can’t be written there', async () => {
    const a = await dump('a.csv', 'key,value\r\n/a,1\r\n');
    const refused = compare(a, a, { outputPath: join(folder, 'none', 'differences.jsonl') });
    await expect(refused).rejects.toMatchObject({ exitCode: 2, where: '--output' });
  });

  test('can’t be asked for what they don’t say', async () => {
    const a = await dump('bare.csv', 'key,value\r\n/a,1\r\n');
    await expect(compare(a, a, { fields: ['value', 'lease', 'revisions'] })).rejects.toMatchObject({
      exitCode: 2,
      message: "the dump has no 'lease', 'create_revision', 'mod_revision'",
    });
  });
});
