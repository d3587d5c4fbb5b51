import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClusterStatus, DeleteReport, DeployReport } from '@etcdperf/core/etcd';
import { createLab, type Lab } from '@etcdperf/core/lab';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const LONG = { timeout: 60_000, interval: 100 };

let lab: Lab;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-e2e-harness-'));
  lab = await createLab({ hosts: 3 });
});
afterAll(async () => {
  await lab?.down();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended<T> {
  readonly code: number | null;
  readonly result: T;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as users run it, with --json. `onStderr` sees progress as it comes. */
function etcdperf<T>(args: string[], onStderr?: (text: string, child: ChildProcess) => void): Promise<Ended<T>> {
  const child = spawn(process.execPath, [BIN, ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    onStderr?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      try {
        resolve({ code, result: JSON.parse(stdout || 'null') as T, stdout, stderr });
      } catch {
        reject(new Error(`no JSON on stdout:\n${stdout}\n${stderr}`));
      }
    });
  });
}

/** The lab's inventory, whose cluster comes last; nobody listens for SSH where `unreachable` is said to be. */
function inventory(ofCluster = '', unreachable = 'nobody'): string {
  const text = readFileSync(lab.inventoryPath, 'utf8');
  const file = join(folder, `${unreachable}.yaml`);
  const address = new RegExp(`^  ${unreachable}: (.*)$`, 'm');
  writeFileSync(file, `${text.replace(address, `  ${unreachable}: { address: $1, port: 1 }`)}${ofCluster}`);
  return file;
}

const deploy = async (file: string, ...more: string[]) =>
  etcdperf<DeployReport>(['harness:deploy', '-i', file, ...more]);
const status = (file: string) => etcdperf<ClusterStatus>(['harness:status', '-i', file]);
const remove = (file: string, ...more: string[]) =>
  etcdperf<DeleteReport>(['harness:delete', '--yes', '-i', file, ...more]);
const kinds = (report: { members: readonly { result: { kind: string } }[] }) =>
  report.members.map((member) => member.result.kind);

/** What a host still has of etcd: processes and files. */
async function leftOn(host: string): Promise<string> {
  const look =
    'pgrep -x "etcd.*" -a; find /var/lib/etcdperf/etcd /var/lib/etcdperf/tls /var/lib/etcdperf/daemons -name "*etcd*" 2>/dev/null; true';
  return (await lab.host(host).exec(['sh', '-c', look])).stdout.replace(/^\/var\/lib\/etcdperf\/etcd\n/, '');
}

// Each command is a process and SSH to three hosts of a machine that may have other work.
vi.setConfig({ testTimeout: 180_000 });

describe('a cluster on three hosts', () => {
  test('deployed, again unchanged, a dead member started again, a host down, deleted from the others', async () => {
    const file = inventory();
    const dry = await deploy(file, '--dry-run');
    expect([dry.code, kinds(dry.result)]).toEqual([0, ['would start', 'would start', 'would start']]);
    expect(await leftOn('node1')).toBe('');

    const first = await deploy(file);
    expect(first.stderr).not.toContain('Warning');
    expect([first.code, first.result.outcome.kind]).toEqual([0, 'deployed']);
    expect(first.result.endpoints).toEqual(lab.hosts.map((host) => `http://${host.address}:2379`));
    expect(first.result.members.map(({ result }) => 'nofile' in result && result.nofile)).toEqual(
      [20_000, 20_000, 20_000].map(() => expect.any(Number)),
    );

    const again = await deploy(file);
    expect([again.code, kinds(again.result)]).toEqual([0, ['unchanged', 'unchanged', 'unchanged']]);

    const well = await status(file);
    expect(well.code).toBe(0);
    expect(well.result).toMatchObject({ healthy: true, cluster: 'main', leader: first.result.leader });
    const endpoints = first.result.endpoints.join(',');
    const bare = await etcdperf<ClusterStatus>(['harness:status', '--endpoints', endpoints]);
    expect([bare.code, bare.result.members.map((member) => member.name)]).toEqual([0, ['node1', 'node2', 'node3']]);

    const { process: victim } = well.result.members[1]!;
    expect(victim?.kind).toBe('running');
    await lab.host('node2').exec(['pkill', '-KILL', '-f', '/etcd-[0-9.]* --name=node2']);
    await expect.poll(async () => (await status(file)).code, LONG).toBe(1);
    const revived = await deploy(file);
    expect([revived.code, kinds(revived.result)]).toEqual([0, ['unchanged', 'started', 'unchanged']]);

    await lab.host('node3').kill();
    const down = await status(file);
    expect(down.code).toBe(1);
    expect(down.result.members.map((member) => member.healthy)).toEqual([true, true, false]);
    expect(down.result.members[2]?.process?.kind).toBe('unknown');
    await lab.host('node3').start();

    const gone = await remove(inventory('', 'node3'));
    expect([gone.code, kinds(gone.result)]).toEqual([1, ['removed', 'removed', 'failed']]);
    expect([await leftOn('node1'), await leftOn('node2')]).toEqual(['', '']);
    // Reachable again, with the data of a cluster that is gone elsewhere.
    const rest = await remove(file);
    expect([rest.code, kinds(rest.result)]).toEqual([0, ['nothing there', 'nothing there', 'removed']]);
    expect(await leftOn('node3')).toBe('');
  });

  test('one host unreachable: nothing is touched, and that host is told', async () => {
    const report = await deploy(inventory('', 'node2'));
    expect([report.code, kinds(report.result)]).toEqual([1, ['not started', 'unreachable', 'not started']]);
    expect(report.result.outcome).toMatchObject({ kind: 'refused' });
    expect(await leftOn('node1')).toBe('');
  });

  test('Ctrl-C while it starts takes everything back, and ends with 130', async () => {
    const file = inventory();
    let interrupted = false;
    const ended = await etcdperf(['harness:deploy', '-i', file], (text, child) => {
      if (interrupted || !text.includes('starting node1')) return;
      interrupted = true;
      child.kill('SIGINT');
    });
    expect(ended.code).toBe(130);
    for (const host of lab.hosts) expect(await leftOn(host.name)).toBe('');
  });
});

test("a data directory on a full disk: etcd's own words, and the other members are taken back", async () => {
  const file = inventory('    dataDir: /mnt/data/etcd\n');
  for (const host of lab.hosts) await host.exec(['mkdir', '-p', '/mnt/data']);
  await lab.host('node2').exec(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt/data']);
  const report = await deploy(file);
  await lab.host('node2').exec(['umount', '/mnt/data']);
  expect(report.code).toBe(1);
  expect(kinds(report.result)).toEqual(['taken back', 'failed', 'taken back']);
  expect(report.result.members[1]?.result).toMatchObject({
    reason: expect.stringContaining('no space left on device'),
  });
  for (const host of lab.hosts) expect(await leftOn(host.name)).toBe('');
  expect((await lab.host('node1').exec(['ls', '-A', '/mnt/data'])).stdout).toBe('');
});

test("another cluster's data is refused on its host, and left there until it is named", async () => {
  const file = inventory('    dataDir: /srv/etcd\n');
  await lab.host('node1').exec(['mkdir', '-p', '/srv/etcd/member']);
  const refused = await deploy(file);
  expect([refused.code, kinds(refused.result)]).toEqual([1, ['refused', 'not started', 'not started']]);
  const kept = await remove(file);
  expect([kept.code, kinds(kept.result)]).toEqual([1, ['left', 'nothing there', 'nothing there']]);
  expect((await remove(file, '--data')).code).toBe(0);
  expect((await lab.host('node1').exec(['ls', '/srv'])).stdout).toBe('');
});

// That it takes less than 5 s is tested where no other process's start counts: core/etcd.
test('without quorum it says so, with the endpoints', async () => {
  const file = inventory();
  expect((await deploy(file)).code).toBe(0);
  await Promise.all([lab.host('node1').cut(), lab.host('node2').cut()]);
  try {
    const endpoints = lab.hosts.map((host) => `http://${host.address}:2379`);
    const lost = await etcdperf<ClusterStatus>(['harness:status', '--endpoints', endpoints.join(',')]);
    expect(lost.code).toBe(1);
    expect(lost.result.problems.join()).toContain(endpoints[0]);
    expect(lost.result.problems.join()).toContain(endpoints[1]);
    expect(lost.result.members.map((member) => member.healthy)).toEqual([false, false, false]);
  } finally {
    await Promise.all([lab.host('node1').heal(), lab.host('node2').heal()]);
  }
  await expect.poll(async () => (await status(file)).code, LONG).toBe(0);
  expect((await remove(file)).code).toBe(0);
});
