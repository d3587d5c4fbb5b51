import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAuthority, issueCertificate } from '@etcdperf/core/certs';
import type { ClusterStatus, DeployReport } from '@etcdperf/core/etcd';
import { createLab, type Lab } from '@etcdperf/core/lab';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const MEMBERS = ['node1', 'node2', 'node3'];

let lab: Lab;
let folder: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-e2e-certs-'));
  lab = await createLab({ hosts: 3 });
  file = join(folder, 'lab.yaml');
  writeFileSync(file, readFileSync(lab.inventoryPath, 'utf8'));
});
afterAll(async () => {
  await lab?.down();
  rmSync(folder, { recursive: true, force: true });
});
// Each command is a process and SSH to three hosts of a machine that may have other work.
vi.setConfig({ testTimeout: 180_000 });

interface Certs {
  readonly written: readonly string[];
  readonly problems: readonly { readonly where: string; readonly message: string }[];
  readonly installed?: readonly {
    readonly host: string;
    readonly result: { readonly kind: string; readonly restart: boolean };
  }[];
}
interface Ended<T> {
  readonly code: number;
  readonly result: T & { readonly error?: { readonly message: string; readonly problems?: Certs['problems'] } };
  readonly said: string;
}

function etcdperf<T>(...argv: string[]): Promise<Ended<T>> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...argv, '-i', file, '--json'], (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, result: JSON.parse(stdout || '{}') as Ended<T>['result'], said: stdout + stderr });
    });
  });
}
const certs = (...argv: string[]) => etcdperf<Certs>('harness:certs', 'main', ...argv);
const dir = () => join(folder, 'certs', 'main');
const serialOf = (name: string) =>
  execFileSync('openssl', ['x509', '-noout', '-serial', '-in', join(dir(), name)], { encoding: 'utf8' });

/** What a member's host has: mode and name of each file of its certificates, the folder first. */
async function onHost(host: string): Promise<string[]> {
  const at = `/var/lib/etcdperf/tls/main/${host}`;
  const { stdout } = await lab.host(host).exec(['find', at, '-printf', '%m %f\n']);
  const [own = '', ...files] = stdout.trim().split('\n');
  return [own, ...files.sort()];
}

/** The certificate that a port of a host serves now. */
async function served(host: string, port: number): Promise<string> {
  const at = lab.hosts.find(({ name }) => name === host)!.address;
  const own = ['-cert', join(dir(), 'client.crt'), '-key', join(dir(), 'client.key')];
  const script =
    'openssl s_client -connect "$1" -CAfile "$2" -verify_return_error "$3" "$4" "$5" "$6" </dev/null | openssl x509 -noout -serial';
  return execFileSync('sh', ['-c', script, 'sh', `${at}:${port}`, join(dir(), 'ca.crt'), ...own], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

test('hosts: made, deployed, renewed under running members, refused when they are of no use', async () => {
  const none = await certs();
  expect([none.code, none.result.error?.message]).toEqual([2, 'cluster main has no TLS']);
  const made = await certs('--save');
  expect(made.code, made.said).toBe(0);
  expect(made.said).not.toContain('PRIVATE KEY');
  expect(readFileSync(file, 'utf8')).toMatch(/^# Made by etcdperf lab:up/);
  expect(readdirSync(dir()).map((name) => [name, (statSync(join(dir(), name)).mode & 0o777).toString(8)])).toEqual(
    ['ca', 'client', 'peer', 'server'].flatMap((name) => [
      [`${name}.crt`, '644'],
      [`${name}.key`, '600'],
    ]),
  );
  for (const { name, address } of lab.hosts) {
    const check = (...how: string[]) =>
      execFileSync('openssl', ['x509', '-noout', '-in', join(dir(), 'peer.crt'), ...how], { encoding: 'utf8' });
    expect(check('-checkhost', name)).toContain('does match');
    expect(check('-checkip', address)).toContain('does match');
  }

  const first = await etcdperf<DeployReport>('harness:deploy', 'main');
  expect([first.code, first.result.outcome?.kind], first.said).toEqual([0, 'deployed']);
  for (const host of MEMBERS)
    expect(await onHost(host)).toEqual([
      `700 ${host}`,
      ...['ca', 'cert', 'client-ca', 'key', 'peer-cert', 'peer-key'].map((name) => `600 ${name}.pem`),
    ]);
  expect(await served('node2', 2379)).toBe(serialOf('server.crt'));
  expect(await served('node2', 2380)).toBe(serialOf('peer.crt'));
  const status = () => etcdperf<ClusterStatus>('harness:status', 'main');
  const pids = (ended: Ended<ClusterStatus>) =>
    ended.result.members.map(({ process: one }) => one?.kind === 'running' && one.pid);
  const before = await status();
  expect([before.code, before.result.healthy], before.said).toEqual([0, true]);

  // New ones, under members that run on.
  const old = serialOf('server.crt');
  const renewed = await certs('--renew', '--install');
  expect(
    renewed.result.installed?.map(({ host, result }) => [host, result.kind, result.restart]),
    renewed.said,
  ).toEqual(MEMBERS.map((host) => [host, 'installed', false]));
  expect(serialOf('server.crt')).not.toBe(old);
  for (const host of MEMBERS) {
    expect(await served(host, 2379)).toBe(serialOf('server.crt'));
    expect(await served(host, 2380)).toBe(serialOf('peer.crt'));
  }
  const after = await status();
  expect([after.result.healthy, pids(after)]).toEqual([true, pids(before)]);
  const again = await etcdperf<DeployReport>('harness:deploy', 'main');
  expect([again.code, again.result.outcome?.kind]).toEqual([0, 'unchanged']);

  // What expires soon, and what is of no use.
  expect((await certs('--check')).code).toBe(0);
  expect((await certs('--check', '--within', '366d')).code).toBe(3);
  const stranger = await createAuthority({ commonName: 'another', days: 1 });
  const forged = await issueCertificate(stranger, { commonName: 'main', usage: 'peer', hosts: ['node1'], days: 1 });
  writeFileSync(join(dir(), 'peer.crt'), forged.cert);
  const bad = await certs('--check');
  expect(bad.code).toBe(1);
  expect(bad.result.problems.map(({ message }) => message)).toEqual([
    `it is not the key of ${join(dir(), 'peer.crt')}`,
    `it is not signed by the CA in ${join(dir(), 'ca.crt')}`,
    `it is not for ${lab.hosts.map(({ address }) => address).join(', ')}`,
  ]);
  const refused = await etcdperf<DeployReport>('harness:deploy', 'main');
  expect([refused.code, refused.result.error?.problems?.length]).toEqual([2, 3]);
  const notInstalled = await certs('--install');
  expect([notInstalled.code, notInstalled.result.installed]).toEqual([1, undefined]);
  expect((await status()).result.healthy).toBe(true);

  const gone = await etcdperf('harness:delete', 'main', '--yes');
  expect(gone.code, gone.said).toBe(0);
  const { stdout } = await lab.host('node1').exec(['find', '/var/lib/etcdperf', '-name', '*.pem']);
  expect(stdout).toBe('');
});
