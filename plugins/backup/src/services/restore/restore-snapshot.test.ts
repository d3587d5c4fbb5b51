import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ClusterConfig } from '@etcdperf/core/config';
import { InputError, InterruptedError } from '@etcdperf/core/errors';
import {
  type ClusterAccess,
  clusterCredentials,
  deleteCluster,
  deployCluster,
  localSite,
  newLocalCluster,
  type ProcessCluster,
  planLocalCluster,
  readTlsFiles,
} from '@etcdperf/core/etcd';
import { makeCertificates } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { renderRestore } from '../../render/render-restore.ts';
import { takeSnapshot } from '../snapshot/take-snapshot.ts';
import { type RestoreChoices, restoreSnapshot } from './restore-snapshot.ts';

// Clusters are started several times over, on a machine that may have other work.
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
beforeAll(async () => {
  // Three members that wait for a disk, each with a log of 64 MB that is made anew, would take minutes.
  folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'etcdperf-restore-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A cluster on this machine, gone when it is disposed of. */
class Site implements AsyncDisposable {
  readonly found: ProcessCluster & { readonly kind: 'local' };
  readonly access: ClusterAccess;

  private constructor(config: ClusterConfig, dir: string, credentials: Omit<ClusterAccess, 'endpoints'>) {
    this.found = { kind: 'local', config, dir };
    this.access = {
      endpoints: planLocalCluster(config, dir).members.map(({ clientUrl }) => clientUrl),
      ...credentials,
    };
  }

  static async make(members: number, more: Partial<ClusterConfig> = {}): Promise<Site> {
    const config = { ...(await newLocalCluster({ members })), ...more };
    return new Site(config, await mkdtemp(join(folder, 'site-')), await clusterCredentials(config));
  }

  get plan() {
    return planLocalCluster(this.found.config, this.found.dir);
  }

  async deploy(): Promise<void> {
    const tls = await readTlsFiles(this.found.config);
    const site = localSite(this.found.dir);
    const report = await deployCluster({ plan: this.plan, access: this.access, tls, site: () => site });
    expect(report).toMatchObject({ outcome: { kind: 'deployed' } });
  }

  async put(key: string, value: string): Promise<void> {
    await using client = await WireClient.connect(this.access);
    await client.put(key, value);
  }

  async get(key: string): Promise<string | undefined> {
    await using client = await WireClient.connect(this.access);
    return (await client.range(key)).kvs[0]?.value.toString();
  }

  snapshot(): Promise<string> {
    const file = join(this.found.dir, 'snapshot.db');
    return takeSnapshot({ access: this.access, file }).then(() => file);
  }

  restore(file: string, choices: Partial<RestoreChoices> = {}) {
    return restoreSnapshot(this.found, { file, ...choices });
  }

  /** What lies where the members' data directories do. */
  async dataDirs(): Promise<string[]> {
    const parent = join(this.found.dir, 'etcd', this.found.config.name);
    return (await readdir(parent).catch((): string[] => [])).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const site = localSite(this.found.dir);
    await deleteCluster({ plan: this.plan, site: () => site });
    await rm(this.found.dir, { recursive: true, force: true });
  }
}

const OVER = { stop: true, force: true };
const SET_ASIDE = /^member\d\.before-restore-\d{8}-\d{6}-[0-9a-f]{4}$/;

describe.each(['3.4.23', '3.5.35', '3.6.16'])('etcd %s', (version) => {
  test('a cluster that runs, with data that has changed since: it has what the snapshot has, and the same hash', async () => {
    await using site = await Site.make(version === '3.6.16' ? 3 : 1, { version });
    await site.deploy();
    await site.put('before', 'yes');
    const file = await site.snapshot();
    const manifest = JSON.parse(await readFile(`${file}.manifest.json`, 'utf8'));
    await site.put('before', 'no longer');
    await site.put('after', 'yes');

    const report = await site.restore(file, OVER);
    expect(report).toMatchObject({ outcome: { kind: 'restored' }, notes: [], downMs: expect.any(Number) });
    expect(report.members.map(({ result }) => result)).toEqual(
      site.plan.members.map(() => ({ kind: 'restored', hashKv: manifest.hashKv })),
    );
    expect([await site.get('before'), await site.get('after')]).toEqual(['yes', undefined]);
    const dirs = await site.dataDirs();
    expect(dirs.filter((name) => !SET_ASIDE.test(name))).toEqual(site.plan.members.map(({ name }) => name));
    expect(dirs).toHaveLength(2 * site.plan.members.length);
    expect(await readdir(report.members[0]!.setAside!)).toEqual(['etcdperf.json', 'member']);
    expect(renderRestore(report)).toContain(`HashKV ${manifest.hashKv}`);
    // It is a cluster like any other: deploying it again finds nothing to do.
    const again = localSite(site.found.dir);
    const deployed = await deployCluster({ plan: site.plan, access: site.access, tls: undefined, site: () => again });
    expect(deployed.outcome).toEqual({ kind: 'unchanged' });
  });
});

describe('three members', () => {
  let site: Site;
  let file: string;
  beforeAll(async () => {
    site = await Site.make(3);
    await site.deploy();
    await site.put('before', 'yes');
    file = await site.snapshot();
    await site.put('after', 'yes');
  });
  afterAll(() => site[Symbol.asyncDispose]());

  /** It runs on its own data, and nothing else lies there. */
  async function expectUntouched(): Promise<void> {
    expect(await site.get('after')).toBe('yes');
    expect(await site.dataDirs()).toEqual(['member1', 'member2', 'member3']);
    expect((await readdir(site.found.dir)).filter((name) => name.startsWith('restore-'))).toEqual([]);
  }

  test('a dry run says what would be done', async () => {
    const report = await site.restore(file, { ...OVER, dryRun: true });
    expect(report.outcome).toEqual({ kind: 'planned' });
    expect(renderRestore(report)).toMatch(/member1 .* would be stopped and restored\n/);
    expect(renderRestore(report)).toMatch(/etcdutl snapshot restore .* --data-dir=\S+ --name=member3 /);
    await expectUntouched();
  });

  test('what runs and what has data is refused until it is said', async () => {
    await expect(site.restore(file)).rejects.toThrow(InputError);
    await expect(site.restore(file)).rejects.toThrow(
      /member1: it runs\nmember1: there is data in .*\nmember2: it runs/,
    );
    await expect(site.restore(file, { stop: true })).rejects.toThrow(/there is data/);
    await expect(site.restore(file, { force: true })).rejects.toMatchObject({
      hint: expect.stringContaining('--stop'),
    });
    await expectUntouched();
  });

  test('a damaged, a foreign, an unproven file, one of a newer etcd: refused', async () => {
    const bytes = await readFile(file);
    const other = join(folder, 'other.db');
    const refused = async (content: Buffer, message: RegExp) => {
      await writeFile(other, content);
      const failure = site.restore(other, OVER);
      await expect(failure).rejects.toThrow(InputError);
      await expect(failure).rejects.toThrow(message);
    };
    await refused(bytes.subarray(0, bytes.length - 600), /damaged/);
    await refused(
      Buffer.concat([bytes.subarray(0, 9000), Buffer.from('X'), bytes.subarray(9001)]),
      /damaged.*checksum/,
    );
    await refused(Buffer.from('key,value\r\n'.repeat(50)), /not a snapshot/);
    await refused(bytes.subarray(0, -32), /whole.*no checksum/);
    const older: ProcessCluster = { ...site.found, config: { ...site.found.config, version: '3.5.35' } };
    await expect(restoreSnapshot(older, { file, ...OVER })).rejects.toThrow(/of etcd 3\.6, .* 3\.5\.35/);
    await expectUntouched();
  });

  test('one member fails when the data is moved: all others get theirs back, and the cluster runs again', async () => {
    const parent = dirname(site.plan.members[1]!.dataDir);
    const onStep = (text: string) => {
      if (text !== 'putting the data in place') return;
      const restored = readdirSync(parent).find((name) => name.startsWith('member2.restore-'));
      rmSync(join(parent, restored!), { recursive: true });
    };
    const report = await site.restore(file, { ...OVER, onStep });
    expect(report).toMatchObject({
      outcome: {
        kind: 'failed',
        reason: expect.stringMatching(/there is no restored data in .*\nthe data is as it was/),
      },
      notes: ['members were stopped, and run again'],
    });
    expect(report.members.map(({ result, setAside }) => [result.kind, setAside])).toEqual(
      [1, 2, 3].map(() => ['put back', undefined]),
    );
    await expectUntouched();
  });

  test('Ctrl-C before the data is moved, and in the middle of it: all is as it was', async () => {
    for (const step of ['making data directories of the snapshot', 'putting the data in place']) {
      const interruption = new AbortController();
      const said: string[] = [];
      const onStep = (text: string) => {
        if (text === step) interruption.abort(new InterruptedError());
      };
      const choices = { ...OVER, signal: interruption.signal, onStep, onInfo: (text: string) => void said.push(text) };
      await expect(site.restore(file, choices)).rejects.toThrow(InterruptedError);
      expect(said).toEqual(step.startsWith('making') ? [] : ['members were stopped, and run again']);
      await expectUntouched();
    }
  });

  test("a cluster that doesn't run: in place, and deployed later", async () => {
    const other = await Site.make(3);
    const report = await other.restore(file, { noStart: true });
    expect(report).toMatchObject({ outcome: { kind: 'in place' }, downMs: undefined });
    expect(report.members.map(({ setAside }) => setAside)).toEqual([undefined, undefined, undefined]);
    expect(await other.dataDirs()).toEqual(['member1', 'member2', 'member3']);
    expect(existsSync(join(other.found.dir, 'cluster.json'))).toBe(true);
    await other.deploy();
    expect([await other.get('before'), await other.get('after')]).toEqual(['yes', undefined]);
    await other[Symbol.asyncDispose]();
  });

  test("a member's own file, without a manifest", async () => {
    const own = join(folder, 'own.db');
    await writeFile(own, (await readFile(file)).subarray(0, -32));
    await using other = await Site.make(1);
    const report = await other.restore(own, { skipHashCheck: true });
    expect(report).toMatchObject({ outcome: { kind: 'restored' }, notes: [expect.stringContaining('no manifest')] });
    expect(await other.get('before')).toBe('yes');
  });

  test('a manifest that tells another hash: the cluster is not what the snapshot was taken of, and that is said', async () => {
    const copy = join(folder, 'copy.db');
    await writeFile(copy, await readFile(file));
    const manifest = JSON.parse(await readFile(`${file}.manifest.json`, 'utf8'));
    await writeFile(`${copy}.manifest.json`, JSON.stringify({ ...manifest, hashKv: manifest.hashKv + 1 }));
    await using other = await Site.make(1);
    const report = await other.restore(copy);
    expect(report.outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('HashKV') });
  });
});

test('a cluster with certificates', async () => {
  const { ca, server } = await makeCertificates();
  const certs = join(folder, 'certs');
  await mkdir(certs);
  const save = async (name: string, content: Buffer) => {
    await writeFile(join(certs, name), content, { mode: 0o600 });
    return join(certs, name);
  };
  const caFile = await save('ca.pem', ca);
  const tls = { caFile, certFile: await save('cert.pem', server.cert), keyFile: await save('key.pem', server.key) };
  await using site = await Site.make(3, { tls });
  await site.deploy();
  await site.put('before', 'yes');
  const file = await site.snapshot();
  await site.put('after', 'yes');
  const report = await site.restore(file, OVER);
  expect(report.outcome).toEqual({ kind: 'restored' });
  expect(await site.get('after')).toBeUndefined();
});
