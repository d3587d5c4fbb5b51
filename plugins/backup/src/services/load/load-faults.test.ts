import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InterruptedError } from '@etcdperf/core/errors';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { KeyRecord } from '../../contents/key-record.ts';
import { recordOf } from '../../testing/contents-of.ts';
import { type LoadIntoOptions, loadInto } from '../../testing/load-into.ts';
import { writeDump } from '../../testing/write-dump.ts';

const PROGRAM = fileURLToPath(new URL('../../testing/loading-process.ts', import.meta.url));
const WAIT = { timeout: 90_000, interval: 20 };
const KEYS = 3000;
/** Keys a second: so slow that a load is met in the middle, however late this process looks. */
const SLOW = { ratePerSec: 400, batchKeys: 16 };

let folder: string;
let runs: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-load-faults-'));
  runs = join(folder, 'runs');
  return () => rm(folder, { recursive: true, force: true });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const dumped = () => join(folder, 'dump.csv.gz');
const numbered = (count: number, rest: (i: number) => Partial<KeyRecord> = () => ({}), valueBytes = 20) =>
  Array.from({ length: count }, (_, i) =>
    recordOf(`/a/${String(i).padStart(6, '0')}`, `${i}`.padEnd(valueBytes, '-'), rest(i)),
  );
const asMap = (records: Iterable<{ readonly key: Buffer; readonly value: Buffer | undefined }>) =>
  new Map(Array.from(records, ({ key, value }) => [key.toString(), value?.toString()]));
async function contentOf({ endpoints }: Pick<TestCluster, 'endpoints'>) {
  await using client = await WireClient.connect({ endpoints, requestTimeoutMs: 30_000 });
  return asMap((await client.range('/', { prefix: true })).kvs);
}
const countOf = async (client: WireClient) => (await client.range('/a/', { prefix: true, countOnly: true })).count;
const runId = async () => (await readdir(runs))[0]!;

describe('one member', () => {
  let cluster: TestCluster;
  let client: WireClient;
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
    for (const id of (await client.leases()).ids) await client.leaseRevoke(id);
  });
  const load = (options: LoadIntoOptions = {}) => loadInto({ endpoints: cluster.endpoints }, runs, dumped(), options);

  /** A load in a process of its own. */
  function startLoading(options: LoadIntoOptions) {
    const argv = [cluster.endpoints, runs, dumped(), options].map((argument) => JSON.stringify(argument));
    const child = spawn(process.execPath, ['--conditions=etcdperf-source', PROGRAM, ...argv], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let told = '';
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      told += chunk;
    });
    const closed = once(child, 'close').then(() => told);
    return { child, closed };
  }

  test.each([
    { mode: 'empty' as const, seed: 0.31 },
    { mode: 'only-missing' as const, seed: 0.74 },
  ])(
    'killed at any moment and taken up, again and again, it is all there in the end ($mode)',
    async ({ mode, seed }) => {
      const records = numbered(2 * KEYS, (i) => (i % 3 === 0 ? { lease: BigInt(1 + (i % 5)), ttlSeconds: 3600 } : {}));
      await writeDump(dumped(), records);
      const options = { mode, ...SLOW };
      let before = 0;
      for (let round = 1; round <= 4; round += 1) {
        const { child, closed } = startLoading({ ...options, ...(round > 1 && { resume: await runId() }) });
        const until = before + 1 + Math.floor(((seed * round * 7.13) % 1) * 300);
        await vi.waitFor(async () => expect(await countOf(client)).toBeGreaterThanOrEqual(until), WAIT);
        child.kill('SIGKILL');
        await closed;
        before = await countOf(client);
        // What happens to a lease that nobody keeps alive: its keys are gone, acknowledged as they were.
        if (round % 2 === 0) await client.leaseRevoke(BigInt(1 + (round % 5)));
      }
      const result = await load({ ...options, ratePerSec: undefined, resume: await runId() });
      expect(result).toMatchObject({ ending: { kind: 'complete' }, dumpKeysDone: 2 * KEYS });
      expect(result.resumedAfter).toBeGreaterThan(0);
      expect(await contentOf(cluster)).toEqual(asMap(records));
      const { kvs } = await client.range('/a/', { prefix: true });
      expect(kvs.map(({ lease }) => lease)).toEqual(records.map(({ lease }) => lease));
      expect(await readdir(runs)).toHaveLength(1);
      await expect(load({ resume: await runId() })).rejects.toThrow(
        'the load came to its end: there is nothing to resume',
      );
    },
  );

  test('interrupted, it keeps what is there, and goes on', async () => {
    const records = numbered(KEYS);
    await writeDump(dumped(), records);
    const interruption = new AbortController();
    const first = load({ ...SLOW, signal: interruption.signal });
    await vi.waitFor(async () => expect(await countOf(client)).toBeGreaterThan(100), WAIT);
    interruption.abort(new InterruptedError());
    const result = await first;
    expect(result).toMatchObject({ ending: { kind: 'interrupted' }, resumeWith: `resume ${await runId()}` });
    const { keys, dumpKeysDone } = result;
    expect(keys).toBeLessThanOrEqual(await countOf(client));
    expect(dumpKeysDone).toBeLessThanOrEqual(keys);
    const second = await load({ resume: await runId() });
    expect(second).toMatchObject({
      ending: { kind: 'complete' },
      resumedAfter: dumpKeysDone,
      keys: KEYS - dumpKeysDone,
    });
    expect(await contentOf(cluster)).toEqual(asMap(records));
  });

  test('a load is taken up only with the same file, on the same cluster', async () => {
    await writeDump(dumped(), numbered(KEYS));
    await expect(load({ resume: 'none' })).rejects.toThrow("no run 'none'");
    const interruption = new AbortController();
    const first = load({ ...SLOW, signal: interruption.signal });
    await vi.waitFor(async () => expect(await countOf(client)).toBeGreaterThan(10), WAIT);
    interruption.abort(new InterruptedError());
    await first;
    await using other = await startEtcd();
    await expect(loadInto({ endpoints: other.endpoints }, runs, dumped(), { resume: await runId() })).rejects.toThrow(
      'the load went into another cluster',
    );
    // A line that was being written when the process was killed.
    await appendFile(join(runs, await runId(), 'journal.jsonl'), '{"kind":"acknowl');
    await writeDump(dumped(), numbered(KEYS + 1));
    await expect(load({ resume: await runId() })).rejects.toThrow('the file is not the one that the load began with');
    await writeDump(dumped(), numbered(KEYS));
    expect(await load({ resume: await runId() })).toMatchObject({ ending: { kind: 'complete' } });
    expect(await countOf(client)).toBe(KEYS);
  });
});

describe('members that are gone', () => {
  test('one of three, killed in the middle: it goes on', async () => {
    await using cluster = await startEtcd({ members: 3 });
    const records = numbered(KEYS, (i) => (i % 2 === 0 ? { lease: 7n, ttlSeconds: 3600 } : {}));
    await writeDump(dumped(), records);
    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    const loading = loadInto({ endpoints: cluster.endpoints }, runs, dumped(), { ratePerSec: 1000, connections: 3 });
    await vi.waitFor(async () => expect(await countOf(client)).toBeGreaterThan(300), WAIT);
    await (await cluster.leader()).kill();
    expect(await loading).toMatchObject({ ending: { kind: 'complete' }, dumpKeysDone: KEYS });
    expect(await contentOf(cluster)).toEqual(asMap(records));
  });

  test('all of them, for longer than patience lasts: it stops, and goes on later', async () => {
    await using cluster = await startEtcd();
    const access = { endpoints: cluster.endpoints };
    const records = numbered(KEYS);
    await writeDump(dumped(), records);
    const client = await WireClient.connect(access);
    const loading = loadInto(access, runs, dumped(), { ...SLOW, patienceMs: 5000, timeoutMs: 1000 });
    await vi.waitFor(async () => expect(await countOf(client)).toBeGreaterThan(100), WAIT);
    await client.close();
    await cluster.members[0]!.kill();
    const stopped = await loading;
    expect(stopped.ending).toMatchObject({ kind: 'stopped', reason: 'etcd took nothing for 5 s' });
    expect(stopped.resumeWith).toBe(`resume ${await runId()}`);
    await cluster.members[0]!.restart();
    expect(await loadInto(access, runs, dumped(), { resume: await runId() })).toMatchObject({
      ending: { kind: 'complete' },
    });
    expect(await contentOf(cluster)).toEqual(asMap(records));
  });

  test('all of them, for a moment: it waits', async () => {
    await using cluster = await startEtcd();
    const access = { endpoints: cluster.endpoints };
    const records = numbered(KEYS, (i) => (i > 1000 ? { lease: BigInt(i), ttlSeconds: 3600 } : {}));
    await writeDump(dumped(), records);
    const client = await WireClient.connect(access);
    const loading = loadInto(access, runs, dumped(), { ratePerSec: 1000 });
    await vi.waitFor(async () => expect(await countOf(client)).toBeGreaterThan(100), WAIT);
    await client.close();
    await cluster.members[0]!.restart();
    const result = await loading;
    expect(result).toMatchObject({ ending: { kind: 'complete' }, dumpKeysDone: KEYS });
    expect(await contentOf(cluster)).toEqual(asMap(records));
  });
});

describe('what etcd refuses', () => {
  test('the quota is reached: it stops, says how far, and goes on when there is room', async () => {
    await using cluster = await startEtcd({ flags: { 'quota-backend-bytes': 32_000_000 } });
    const access = { endpoints: cluster.endpoints };
    await using client = await WireClient.connect({ ...access, requestTimeoutMs: 30_000 });
    for (let i = 0; i < 18; i += 1) await client.put(`junk/${i}`, Buffer.alloc(1_000_000, 'j'));
    const records = numbered(200, undefined, 100_000);
    await writeDump(dumped(), records, { prefixes: [Buffer.from('/a/')] });
    // etcd looks at its size every 100 ms: some twenty keys at this rate, of the hundred that are too many.
    const stopped = await loadInto(access, runs, dumped(), { ratePerSec: 200, clients: 2 });
    expect(stopped.ending).toMatchObject({ kind: 'stopped', reason: expect.stringMatching(/space exceeded/) });
    expect(stopped.told).toMatchObject([{ kind: 'over-quota' }]);
    expect(stopped.keys).toBeGreaterThan(0);
    expect(stopped.dumpKeysDone).toBeLessThan(200);

    const { header } = await client.deleteRange('junk/', { prefix: true });
    await client.compact(header.revision, { physical: true });
    await client.defragment();
    const memberID = String(header.memberId);
    await tell(access.endpoints[0]!, 'maintenance/alarm', { action: 'DEACTIVATE', alarm: 'NOSPACE', memberID });
    const resumed = await loadInto(access, runs, dumped(), { resume: await runId() });
    expect(resumed).toMatchObject({ ending: { kind: 'complete' }, resumedAfter: stopped.dumpKeysDone });
    expect(await contentOf(cluster)).toEqual(asMap(records));
  });

  test('limits of its own: it stops, and says which', async () => {
    await using cluster = await startEtcd({ flags: { 'max-txn-ops': 10, 'max-request-bytes': 50_000 } });
    const access = { endpoints: cluster.endpoints };
    await writeDump(dumped(), numbered(100));
    const many = await loadInto(access, runs, dumped(), { batchKeys: 11 });
    expect(many.ending).toMatchObject({
      reason: expect.stringMatching(/too many operations/),
      hint: 'give --batch no more than the members’ --max-txn-ops',
    });
    await rm(runs, { recursive: true });
    await writeDump(dumped(), numbered(10, undefined, 20_000));
    const large = await loadInto(access, runs, dumped(), { mode: 'overwrite', batchKeys: 10 });
    expect(large.ending).toMatchObject({ hint: expect.stringMatching(/smaller --batch-bytes/) });
    const fits = await loadInto(access, runs, dumped(), { resume: await runId(), batchKeys: 10, batchBytes: 40_000 });
    expect(fits.ending).toEqual({ kind: 'complete' });
    await writeDump(dumped(), [recordOf('large', Buffer.alloc(60_000, 'v'))]);
    expect((await loadInto(access, runs, dumped(), { mode: 'overwrite' })).ending).toMatchObject({
      reason: 'the key large with its value of 60000 bytes is too large for etcd',
    });
  });

  test('permission: it names what may not be read, or put', async () => {
    await using cluster = await startEtcd();
    const access = { endpoints: cluster.endpoints };
    await guard(access.endpoints[0]!);
    const limited = { ...access, auth: { user: 'limited', password: 'little' } };
    await writeDump(dumped(), numbered(100));
    await expect(loadInto(limited, runs, dumped())).rejects.toMatchObject({
      exitCode: 1,
      message: 'limited may not read all keys',
    });
    expect(await readdir(runs).catch(() => [])).toEqual([]);
    const part = { prefixes: [Buffer.from('/a/')], batchKeys: 5, clients: 1 };
    const stopped = await loadInto(limited, runs, dumped(), part);
    expect(stopped.ending).toMatchObject({ kind: 'stopped', reason: 'limited may not put the key /a/000010' });
    expect(stopped.dumpKeysDone).toBe(10);
    const root = { ...access, auth: { user: 'root', password: 'secret' } };
    expect(await loadInto(root, runs, dumped(), { resume: await runId() })).toMatchObject({
      ending: { kind: 'complete' },
      keys: 90,
    });
  });
});

test('members that speak TLS', async () => {
  await using cluster = await startEtcd({ tls: 'mutual' });
  const { ca, client } = cluster.certificates!;
  const access = { endpoints: cluster.endpoints, tls: { ca, cert: client.cert, key: client.key } };
  const records = numbered(500, () => ({ lease: 5n, ttlSeconds: 3600 }));
  await writeDump(dumped(), records);
  expect(await loadInto(access, runs, dumped())).toMatchObject({ ending: { kind: 'complete' }, keys: 500 });
  await using reader = await WireClient.connect(access);
  expect(asMap((await reader.range('', { prefix: true })).kvs)).toEqual(asMap(records));
});

/** etcd's JSON gateway, for what no client of ours does. */
async function tell(endpoint: string, path: string, body: object): Promise<void> {
  const response = await fetch(`${endpoint}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(200);
}

/** Only root may do everything; `limited` reads below /a/ and writes what begins with /a/00000. */
async function guard(endpoint: string): Promise<void> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const allow = (permType: string, key: string, rangeEnd: string) =>
    tell(endpoint, 'auth/role/grant', {
      name: 'limited',
      perm: { permType, key: base64(key), range_end: base64(rangeEnd) },
    });
  await tell(endpoint, 'auth/role/add', { name: 'root' });
  await tell(endpoint, 'auth/role/add', { name: 'limited' });
  await allow('READ', '/a/', '/a0');
  await allow('WRITE', '/a/00000', '/a/00001');
  for (const [name, password] of [
    ['root', 'secret'],
    ['limited', 'little'],
  ] as const) {
    await tell(endpoint, 'auth/user/add', { name, password });
    await tell(endpoint, 'auth/user/grant', { user: name, role: name });
  }
  await tell(endpoint, 'auth/enable', {});
}
