import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClusterConfig } from '../config/index.ts';
import { killDaemon } from '../daemon/index.ts';
import { OperationError } from '../errors/index.ts';
import { LocalExecutor } from '../ssh/index.ts';
import { makeCertificates } from '../testing/index.ts';
import { clusterCredentials } from './cluster-access.ts';
import { clusterStatus } from './cluster-status.ts';
import { openCluster } from './control-client.ts';
import { deleteCluster } from './delete-cluster.ts';
import { deployCluster } from './deploy-cluster.ts';
import type { DeployReport } from './deploy-report.ts';
import type { MemberSite } from './inspect-members.ts';
import { localSite, newLocalCluster, planLocalCluster } from './local-cluster.ts';
import { readTlsFiles } from './tls-files.ts';

const LONG = { timeout: 30_000, interval: 50 };

let folder: string;
let dir: string;
let site: MemberSite;
const deployed: ClusterConfig[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-deploy-'));
  dir = join(folder, 'work');
  site = localSite(dir);
});

afterEach(async () => {
  for (const config of deployed.splice(0)) await remove(config, { foreignData: true });
  rmSync(folder, { recursive: true, force: true });
});

async function deploy(config: ClusterConfig, more: Partial<Parameters<typeof deployCluster>[0]> = {}) {
  deployed.push(config);
  const plan = planLocalCluster(config, dir);
  const endpoints = plan.members.map((member) => member.clientUrl);
  return deployCluster({
    plan,
    access: { endpoints, ...(await clusterCredentials(config)) },
    tls: await readTlsFiles(config),
    site: () => site,
    timeoutMs: 40_000,
    ...more,
  });
}

const remove = (config: ClusterConfig, more: Partial<Parameters<typeof deleteCluster>[0]> = {}) =>
  deleteCluster({ plan: planLocalCluster(config, dir), site: () => site, ...more });
const kinds = (report: DeployReport) => report.members.map((member) => member.result.kind);
const kill = (config: ClusterConfig, index: number, signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL') =>
  killDaemon(site.executor, dir, planLocalCluster(config, dir).members[index]!.daemon, signal);
const status = (config: ClusterConfig) => {
  const plan = planLocalCluster(config, dir);
  const access = { endpoints: plan.members.map((member) => member.clientUrl) };
  return clusterStatus({ access, deployed: { plan, site: () => site } });
};

describe('a cluster of three', () => {
  test('deployed, again unchanged, a dead member started again, quorum lost, deleted', async () => {
    const config = await newLocalCluster({ name: 'three' });
    const plan = planLocalCluster(config, dir);
    expect(kinds(await deploy(config, { dryRun: true }))).toEqual(['would start', 'would start', 'would start']);
    expect(existsSync(dir)).toBe(false);

    const first = await deploy(config);
    expect(first).toMatchObject({ outcome: { kind: 'deployed' }, leader: expect.stringMatching(/^member[123]$/) });
    const again = await deploy(config);
    expect(again).toMatchObject({ outcome: { kind: 'unchanged' }, leader: first.leader });
    const pids = (report: DeployReport) => report.members.map(({ result }) => 'pid' in result && result.pid);
    expect(pids(again)).toEqual(pids(first));

    using client = openCluster({ endpoints: first.endpoints });
    using patient = openCluster({ endpoints: first.endpoints, timeoutMs: 20_000 });
    await patient.put('survivor', 'yes');
    await kill(config, 0);
    await vi.waitFor(async () => {
      const now = await status(config);
      expect(now.healthy).toBe(false);
      expect(now.members.map((member) => member.healthy)).toEqual([false, true, true]);
      expect(now.members[0]?.process).toMatchObject({ kind: 'exited', how: 'SIGKILL' });
      expect(now.problems).toContain('member1 has ended (SIGKILL)');
    }, LONG);
    expect(kinds(await deploy(config))).toEqual(['started', 'unchanged', 'unchanged']);
    expect(String(await patient.get('survivor'))).toBe('yes');
    const healthy = await status(config);
    expect(healthy).toMatchObject({ healthy: true, problems: [], cluster: 'three' });
    expect(healthy.members[0]?.etcd).toMatchObject({ version: config.version, raftTerm: expect.any(Number) });
    expect(healthy.members[0]?.process).toMatchObject({ kind: 'running', nofile: expect.any(Number) });

    // Two of three gone: said at once, with every endpoint.
    await Promise.all([kill(config, 0), kill(config, 1)]);
    const startedAt = performance.now();
    await expect(client.put('key', 'value')).rejects.toMatchObject({
      message: expect.stringMatching(/no quorum: 1 of 3 endpoints answers?/),
      where: first.endpoints.join(', '),
    });
    // 4 s by its own time limits, one after the other; the rest is for a slow machine.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    // A member that hangs doesn't answer; that is said in the same time.
    await kill(config, 2, 'SIGSTOP');
    const hangsAt = performance.now();
    await expect(client.get('key')).rejects.toMatchObject({
      message: expect.stringMatching(/can't be reached/),
      where: first.endpoints.join(', '),
    });
    expect(performance.now() - hangsAt).toBeLessThan(10_000);

    expect(await remove(config)).toMatchObject({ ok: true });
    expect(existsSync(plan.members[0]!.dataDir)).toBe(false);
    expect(existsSync(dir) && existsSync(join(dir, 'daemons', plan.members[0]!.daemon))).toBe(false);
    const nothing = await remove(config);
    expect(nothing.members.map((member) => member.result.kind)).toEqual(Array(3).fill('nothing there'));
  });

  test('TLS for clients and peers, and nobody without a certificate gets in', async () => {
    const { ca, server, client: own } = await makeCertificates();
    const file = (name: string, content: Buffer) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const tls = {
      caFile: file('ca', ca),
      certFile: file('cert', server.cert),
      keyFile: file('key', server.key),
      clientCaFile: file('client-ca', ca),
      clientCertFile: file('client-cert', own.cert),
      clientKeyFile: file('client-key', own.key),
    };
    const config = { ...(await newLocalCluster({ name: 'tls' })), tls };
    const report = await deploy(config);
    expect(report.outcome.kind).toBe('deployed');
    expect(report.endpoints.every((endpoint) => endpoint.startsWith('https://127.0.0.1:'))).toBe(true);
    const key = join(dir, 'tls', 'tls', 'member1', 'key.pem');
    expect(statSync(key).mode & 0o777).toBe(0o600);

    const access = { endpoints: report.endpoints, ...(await clusterCredentials(config)) };
    using client = openCluster({ ...access, timeoutMs: 20_000 });
    await client.put('key', 'value');
    using stranger = openCluster({ endpoints: report.endpoints, tls: { ca } });
    await expect(stranger.get('key')).rejects.toBeInstanceOf(OperationError);
    using doubter = openCluster({ endpoints: report.endpoints, tls: { ca: (await makeCertificates()).ca } });
    await expect(doubter.get('key')).rejects.toThrow(/not signed by the CA/);

    expect((await remove(config)).ok).toBe(true);
    expect(existsSync(key)).toBe(false);
  });
});

describe('a member', () => {
  test('that runs with other settings is refused, and restarted only when that is asked for', async () => {
    const config = await newLocalCluster({ name: 'one', members: 1 });
    await deploy(config);
    const other = { ...config, flags: { 'heartbeat-interval': 200 } };
    const refused = await deploy(other);
    expect(refused).toMatchObject({ outcome: { kind: 'refused' } });
    expect(refused.members[0]?.result).toMatchObject({
      kind: 'refused',
      reason: 'it runs, and differs: heartbeat-interval: not set, wanted 200',
      hint: expect.stringContaining('--restart'),
    });
    const [would] = (await deploy(other, { restart: true, dryRun: true })).members;
    expect(would?.result).toMatchObject({
      kind: 'would restart',
      argv: expect.arrayContaining(['--heartbeat-interval=200']),
      differences: [expect.stringMatching(/^heartbeat-interval: .*, wanted 200$/)],
    });
    expect(kinds(await deploy(other, { restart: true }))).toEqual(['restarted']);
    expect((await deploy(other)).outcome.kind).toBe('unchanged');
  });

  test.each<[string, (dataDir: string) => void, RegExp]>([
    [
      'an unknown etcd',
      (data) => mkdirSync(join(data, 'member'), { recursive: true }),
      /etcd that etcdperf did not start/,
    ],
    [
      'another cluster',
      (data) => {
        mkdirSync(data, { recursive: true });
        writeFileSync(join(data, 'etcdperf.json'), '{"cluster":"other","identity":"0","member":"member1"}\n');
      },
      /holds data of cluster other/,
    ],
    [
      'an earlier cluster of that name',
      (data) => {
        mkdirSync(data, { recursive: true });
        writeFileSync(join(data, 'etcdperf.json'), '{"cluster":"one","identity":"0","member":"member1"}\n');
      },
      /an earlier cluster one with other members/,
    ],
    [
      'a file',
      (data) => {
        mkdirSync(join(data, '..'), { recursive: true });
        writeFileSync(data, '');
      },
      /is not a directory/,
    ],
  ])('whose data directory holds %s is refused, and nothing is touched', async (_, fill, reason) => {
    const config = await newLocalCluster({ name: 'one', members: 2 });
    const [first] = planLocalCluster(config, dir).members;
    fill(first!.dataDir);
    const report = await deploy(config);
    expect(kinds(report)).toEqual(['refused', 'not started']);
    expect(report.members[0]?.result).toMatchObject({
      reason: expect.stringMatching(reason),
      hint: expect.any(String),
    });
    expect(existsSync(join(dir, 'daemons'))).toBe(false);
    expect(existsSync(first!.dataDir)).toBe(true);
  });

  test('foreign data stays at delete unless it is named', async () => {
    const config = await newLocalCluster({ name: 'one', members: 1 });
    const [member] = planLocalCluster(config, dir).members;
    mkdirSync(join(member!.dataDir, 'member'), { recursive: true });
    expect((await remove(config)).members[0]?.result).toMatchObject({
      kind: 'left',
      hint: expect.stringContaining('--data'),
    });
    expect(existsSync(join(member!.dataDir, 'member'))).toBe(true);
    expect(await remove(config, { foreignData: true })).toMatchObject({ ok: true });
    expect(existsSync(member!.dataDir)).toBe(false);
  });

  test('data that a running etcd has open is never removed, and not deployed over', async () => {
    const mine = await newLocalCluster({ name: 'mine', members: 1 });
    const dataDir = join(folder, 'data');
    const withData = (config: ClusterConfig) => ({ ...config, members: [{ ...config.members[0]!, dataDir }] });
    await deploy(withData(mine));
    const thief = withData(await newLocalCluster({ name: 'thief', members: 1 }));
    expect(kinds(await deploy(thief))).toEqual(['refused']);
    expect((await remove(thief, { foreignData: true })).members[0]?.result).toMatchObject({
      kind: 'left',
      reason: expect.stringContaining('which runs'),
    });
    expect((await status(withData(mine))).healthy).toBe(true);
  });

  test('whose port somebody else has is refused with the port', async () => {
    const config = await newLocalCluster({ name: 'one', members: 1 });
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const report = await deploy({ ...config, members: [{ ...config.members[0]!, clientPort: port }] });
    await new Promise((closed) => server.close(closed));
    expect(report.members[0]?.result).toMatchObject({ reason: `port ${port} is in use by another process` });
    expect(existsSync(dir)).toBe(false);
  });

  test('that fails is told with its last words, and the others are taken back', async () => {
    const config = await newLocalCluster({ name: 'two', members: 2 });
    const readOnly = '/proc/etcdperf';
    const [one, two] = config.members;
    const report = await deploy({ ...config, members: [one!, { ...two!, dataDir: readOnly }] });
    expect(report.outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('member2 on localhost') });
    expect(kinds(report)).toEqual(['taken back', 'failed']);
    expect(report.members[1]?.result).toMatchObject({ reason: expect.stringContaining(`can't write to ${readOnly}`) });
    expect(existsSync(join(dir, 'etcd'))).toBe(false);
    expect(existsSync(join(dir, 'daemons', planLocalCluster(config, dir).members[0]!.daemon))).toBe(false);
  });

  test('an etcd that does not fit is wrong input: nothing is touched', async () => {
    vi.stubEnv('ETCDPERF_ETCD', '/bin/true');
    try {
      const config = await newLocalCluster({ name: 'one', members: 1 });
      await expect(deploy(config)).rejects.toMatchObject({ exitCode: 2, where: 'ETCDPERF_ETCD' });
      expect(existsSync(dir)).toBe(false);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('two deployments at once: one cluster, and the loser takes nothing back that is not its own', async () => {
    const config = await newLocalCluster({ name: 'race', members: 1 });
    const reports = await Promise.all([deploy(config), deploy(config)]);
    expect(reports.map((report) => report.outcome.kind)).toContain('deployed');
    expect((await status(config)).healthy).toBe(true);
  });
});

test('a host that fails stops neither delete nor the start of members that have their data', async () => {
  const config = await newLocalCluster({ name: 'far', members: 3 });
  const plan = planLocalCluster(config, dir);
  const members = plan.members.map((member) => ({ ...member, host: member.name }));
  const options = (broken: string) => ({
    plan: { ...plan, members },
    site: (host: string) => (host === broken ? { ...site, executor: new Unreachable(host) } : site),
  });
  const access = { endpoints: plan.members.map((member) => member.clientUrl) };
  deployed.push(config);
  const first = await deployCluster({ ...options('member3'), access, tls: undefined });
  expect(kinds(first)).toEqual(['not started', 'not started', 'unreachable']);
  expect(first.outcome).toMatchObject({ kind: 'refused' });
  expect(existsSync(dir)).toBe(false);

  await deployCluster({ ...options(''), access, tls: undefined });
  await kill(config, 0);
  const later = await deployCluster({ ...options('member3'), access, tls: undefined });
  expect(kinds(later)).toEqual(['started', 'unchanged', 'unreachable']);
  expect(later.outcome).toMatchObject({ kind: 'failed', reason: '1 of 3 members could not be looked after' });

  const gone = await deleteCluster(options('member3'));
  expect(gone.ok).toBe(false);
  expect(gone.members.map((member) => member.result.kind)).toEqual(['removed', 'removed', 'failed']);
  expect(readFileSync(join(members[2]!.dataDir, 'etcdperf.json'), 'utf8')).toContain('far');
});

/** A host that is down: every call fails as a refused connection does. */
class Unreachable extends LocalExecutor {
  override run(): Promise<never> {
    return Promise.reject(new OperationError('connection refused', { where: this.name }));
  }
}
