import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, OperationError } from '@etcdperf/core/errors';
import type { Target } from '@etcdperf/core/etcd';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseMembers } from './choose-members.ts';
import { readSnapshotManifest } from './snapshot-manifest.ts';
import { takeSnapshot } from './take-snapshot.ts';
import { verifySnapshot } from './verify-snapshot.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-snapshot-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file of its own, in a folder of its own, which tells what else is left there. */
async function newFile(): Promise<{ file: string; left: () => Promise<string[]> }> {
  const own = await mkdtemp(join(folder, 'one-'));
  return { file: join(own, 'snapshot.db'), left: () => readdir(own) };
}

async function fill(client: WireClient, keys: number, valueBytes: number): Promise<void> {
  const value = Buffer.alloc(valueBytes, 'v');
  for (let from = 0; from < keys; from += 100) {
    const some = Array.from({ length: Math.min(100, keys - from) }, (_, index) => from + index);
    await Promise.all(some.map((index) => client.put(`key-${index}`, value)));
  }
}

describe.each(['3.4', '3.5', '3.6'])('etcd %s', (version) => {
  test('is whole, and says what is in it', async () => {
    await using etcd = await startEtcd({ version });
    await using client = await WireClient.connect({ endpoints: etcd.endpoints });
    await fill(client, 2000, 64);
    for (const key of ['key-1', 'key-2']) await client.deleteRange(key);
    const compacted = await client.put('key-3', 'again');
    await client.compact(compacted.header.revision, { physical: true });
    const { revision } = (await client.put('key-4', 'again')).header;

    const { file, left } = await newFile();
    const report = await takeSnapshot({ access: { endpoints: etcd.endpoints, dialTimeoutMs: 10_000 }, file });
    const { hash } = await client.hashKv(revision);
    expect(report).toMatchObject({
      revision,
      compactRevision: compacted.header.revision,
      keys: 1998,
      // The version of key-4 before, which the compaction left.
      versions: 1999,
      hashKv: hash,
      member: { name: 'm1', endpoint: etcd.endpoints[0] },
      etcdVersion: expect.stringMatching(version),
      notes: [],
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await left()).toEqual(['snapshot.db', 'snapshot.db.manifest.json']);

    const bytes = await readFile(file);
    expect(report.file).toEqual({ bytes: bytes.length, sha256: sha256(bytes).toString('hex') });
    expect(bytes.subarray(-32)).toEqual(sha256(bytes.subarray(0, -32)));
    expect(await verifySnapshot(file)).toMatchObject({
      verdict: { kind: 'whole' },
      database: { revision, versions: 1999, series: version },
      manifest: { hashKv: hash },
    });
  });
});

describe('three members, with more data than buffers hold', () => {
  let etcd: TestCluster;
  beforeAll(async () => {
    etcd = await startEtcd({ members: 3 });
    await using client = await WireClient.connect({ endpoints: etcd.endpoints });
    await fill(client, 60, 1_000_000);
  });
  afterAll(() => etcd.stop());

  /** Kills the member that gives the snapshot when the first of it has come; gives it back afterwards. */
  async function killingTheGiver(run: (onProgress: () => void, onStep: (text: string) => void) => Promise<unknown>) {
    let asked: string | undefined;
    let killed: Promise<void> | undefined;
    const onStep = (text: string) => {
      asked ??= /^asking (\S+)/.exec(text)?.[1];
    };
    const onProgress = () => {
      killed ??= etcd.members.find(({ name }) => name === asked)!.kill();
    };
    await run(onProgress, onStep);
    await killed;
    await etcd.members.find(({ name }) => name === asked)!.restart();
    return asked;
  }

  test('the leader is the last choice, unless it is named', async () => {
    const access = { endpoints: etcd.endpoints, dialTimeoutMs: 10_000 };
    const leads = async (target?: Target) =>
      (await chooseMembers(access, target)).map(({ status }) => status.kind === 'up' && status.isLeader);
    // There may be an election.
    await expect.poll(() => leads().catch(String)).toEqual([false, false, true]);
    await expect.poll(() => leads({ kind: 'leader' }).catch(String)).toEqual([true]);
    await expect.poll(() => leads({ kind: 'followers' }).catch(String)).toEqual([false, false]);
  });

  test('a member that dies in the middle: it begins again on another', async () => {
    const { file, left } = await newFile();
    let giver: string | undefined;
    const victim = await killingTheGiver(async (onProgress, onStep) => {
      const report = await takeSnapshot({
        access: { endpoints: etcd.endpoints, dialTimeoutMs: 10_000 },
        file,
        onProgress,
        onStep,
      });
      giver = report.member.name;
      expect(report.notes.join()).toContain('the stream broke off');
    });
    expect(giver).not.toBe(victim);
    expect(await verifySnapshot(file)).toMatchObject({ verdict: { kind: 'whole' }, manifest: { keys: 60 } });
    expect(await left()).toEqual(['snapshot.db', 'snapshot.db.manifest.json']);
  });

  test('a named member that dies in the middle: says so, and leaves nothing', async () => {
    const { file, left } = await newFile();
    const name = etcd.members[0]!.name;
    await killingTheGiver(async (onProgress, onStep) => {
      const access = { endpoints: etcd.endpoints, dialTimeoutMs: 10_000 };
      const taking = takeSnapshot({ access, file, target: { kind: 'member', name }, onProgress, onStep });
      await expect(taking).rejects.toThrow(/m1: the stream broke off/);
    });
    expect(await left()).toEqual([]);
  });

  test('given up in the middle: nothing is left', async () => {
    const { file, left } = await newFile();
    const giveUp = new AbortController();
    const onProgress = () => giveUp.abort(new Error('enough'));
    const access = { endpoints: etcd.endpoints, dialTimeoutMs: 10_000 };
    await expect(takeSnapshot({ access, file, signal: giveUp.signal, onProgress })).rejects.toThrow('enough');
    expect(await left()).toEqual([]);
  });

  test('a file that is there stays as it is, unless it may be replaced', async () => {
    const { file, left } = await newFile();
    const access = { endpoints: etcd.endpoints, dialTimeoutMs: 10_000 };
    await writeFile(file, 'precious');
    // Of one that was killed.
    await writeFile(`${file}.part`, 'rest');
    await expect(takeSnapshot({ access, file })).rejects.toThrow(InputError);
    expect(await readFile(file, 'utf8')).toBe('precious');
    await takeSnapshot({ access, file, force: true });
    expect(await verifySnapshot(file)).toMatchObject({ verdict: { kind: 'whole' } });
    expect(await left()).toEqual(['snapshot.db', 'snapshot.db.manifest.json']);
    await expect(takeSnapshot({ access, file: join(file, 'x') })).rejects.toThrow(InputError);
    await expect(takeSnapshot({ access, file: folder, force: true })).rejects.toThrow('no file');
  });

  test('without a quorum only a named member gives it, and that is said', async () => {
    const [first, second, third] = etcd.members;
    await Promise.all([second!.kill(), third!.kill()]);
    const access = { endpoints: etcd.endpoints };
    const { file, left } = await newFile();
    await expect(takeSnapshot({ access, file })).rejects.toThrow(OperationError);
    expect(await left()).toEqual([]);
    const report = await takeSnapshot({ access, file, target: { kind: 'member', name: first!.endpoint } });
    expect(report.notes.join()).toContain('has no quorum');
    expect(await readSnapshotManifest(file)).toMatchObject({ keys: 60, hashKv: expect.any(Number) });
    await Promise.all([second!.restart(), third!.restart()]);
  });
});

test('with authentication on it takes the role root', async () => {
  await using etcd = await startEtcd();
  await enableAuth(etcd.endpoints[0]!);
  const { file, left } = await newFile();
  const access = (user: string) => ({
    endpoints: etcd.endpoints,
    dialTimeoutMs: 10_000,
    auth: { user, password: 'secret' },
  });
  await expect(takeSnapshot({ access: access('reader'), file })).rejects.toMatchObject({
    message: expect.stringContaining('permission denied'),
    hint: expect.stringContaining('root'),
  });
  await expect(takeSnapshot({ access: { endpoints: etcd.endpoints, dialTimeoutMs: 10_000 }, file })).rejects.toThrow(
    OperationError,
  );
  expect(await left()).toEqual([]);
  const report = await takeSnapshot({ access: access('root'), file });
  expect(report.hashKv).toEqual(expect.any(Number));
});

/** Over etcd's gateway: users `root` and `reader`, who may read everything, both with the password `secret`. */
async function enableAuth(endpoint: string): Promise<void> {
  const call = async (path: string, body: object) => {
    const response = await fetch(`${endpoint}/v3/auth/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  };
  const zero = Buffer.from('\0').toString('base64');
  await call('role/add', { name: 'reader' });
  await call('role/grant', { name: 'reader', perm: { permType: 'READ', key: zero, range_end: zero } });
  for (const name of ['root', 'reader']) {
    await call('user/add', { name, password: 'secret' });
    if (name === 'root') await call('role/add', { name });
    await call('user/grant', { user: name, role: name });
  }
  await call('enable', {});
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
