import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLab, type Lab } from '@etcdperf/core/lab';
import { startEtcd, startTcpProxy } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let lab: Lab;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-e2e-backup-'));
  lab = await createLab({ hosts: 3 });
});
afterAll(async () => {
  await lab?.down();
  rmSync(folder, { recursive: true, force: true });
});

// Each command is a process and SSH to three hosts of a machine that may have other work.
vi.setConfig({ testTimeout: 240_000 });

interface Ended {
  readonly code: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: reports of several commands, whose parts each test compares.
  readonly result: any;
}

/** The command as users run it, with --json. */
function etcdperf(args: string[], through: string[] = [], onStart?: (child: ChildProcess) => void): Promise<Ended> {
  const [program, ...rest] = [...through, process.execPath, BIN, ...args, '--json'];
  const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  onStart?.(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      try {
        resolve({ code, result: JSON.parse(stdout || 'null') });
      } catch {
        reject(new Error(`no JSON on stdout:\n${stdout}\n${stderr}`));
      }
    });
  });
}

/** The lab's inventory; the cluster's data lies in `dataDir` where one is given. */
function inventory(dataDir?: string): string {
  const file = join(folder, `${dataDir === undefined ? 'plain' : 'mounted'}.yaml`);
  const more = dataDir === undefined ? '' : `    dataDir: ${dataDir}\n`;
  writeFileSync(file, `${readFileSync(lab.inventoryPath, 'utf8')}${more}`);
  return file;
}

const endpoints = () => lab.hosts.map((host) => `http://${host.address}:2379`);

async function put(keys: Record<string, string>): Promise<void> {
  await using client = await WireClient.connect({ endpoints: endpoints(), dialTimeoutMs: 30_000 });
  for (const [key, value] of Object.entries(keys)) await client.put(key, value, { timeoutMs: 30_000 });
}

async function valueAt(key: string): Promise<string | undefined> {
  await using client = await WireClient.connect({ endpoints: endpoints(), dialTimeoutMs: 30_000 });
  return (await client.range(key, { timeoutMs: 30_000 })).kvs[0]?.value.toString();
}

/** What restores have left on a host, but for data set aside. */
async function leftOn(host: string): Promise<string> {
  const look = 'find /var/lib/etcdperf /mnt -name "restore-*" -o -name "*.restore-*" 2>/dev/null; true';
  return (await lab.host(host).exec(['sh', '-c', look])).stdout;
}

test('snapshot → restore on three hosts: healthy, with the same hash; not before all hosts can be reached', async () => {
  const file = inventory();
  expect((await etcdperf(['harness:deploy', '-i', file])).code).toBe(0);
  await put(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`key-${index}`, 'of the snapshot'])));

  const snapshot = join(folder, 'main.db');
  const taken = await etcdperf(['backup:snapshot', snapshot, '-i', file]);
  expect(taken).toMatchObject({ code: 0, result: { keys: 300, path: snapshot, hashKv: expect.any(Number) } });
  await put({ 'key-1': 'changed', later: 'yes' });

  const restore = ['backup:restore', snapshot, '-i', file];
  const refused = await etcdperf(restore);
  expect(refused).toMatchObject({ code: 2, result: { error: { message: expect.stringContaining('node1: it runs') } } });

  await lab.host('node3').kill();
  const unreachable = await etcdperf([...restore, '--stop', '--force']);
  expect(unreachable.code).toBe(1);
  expect(unreachable.result.error).toMatchObject({
    message: expect.stringMatching(/1 of 3 hosts can't be looked at; nothing was touched\nnode3: /),
    where: 'node3',
  });
  expect(await valueAt('later')).toBe('yes');
  expect([await leftOn('node1'), await leftOn('node2')]).toEqual(['', '']);

  // Its member doesn't run now; the others' do.
  await lab.host('node3').start();
  const restored = await etcdperf([...restore, '--stop', '--force']);
  expect(restored).toMatchObject({ code: 0, result: { outcome: { kind: 'restored' } } });
  const { members } = restored.result;
  expect(members.map((member: { ran: boolean }) => member.ran)).toEqual([true, true, false]);
  for (const { result } of members) expect(result).toEqual({ kind: 'restored', hashKv: taken.result.hashKv });
  expect((await etcdperf(['harness:status', '-i', file])).result).toMatchObject({ healthy: true });
  expect([await valueAt('key-1'), await valueAt('later')]).toEqual(['of the snapshot', undefined]);
  for (const [index, host] of lab.hosts.entries()) {
    expect(await leftOn(host.name)).toBe('');
    expect((await host.exec(['ls', members[index].setAside])).stdout).toContain('member');
  }
  expect((await etcdperf(['harness:delete', '--yes', '-i', file])).code).toBe(0);
});

test('data on disks of its own: restored there; one that is full leaves all as it was, and running', async () => {
  const file = inventory('/mnt/data');
  const mount = (host: string, size: string) =>
    lab.host(host).exec(['sh', '-c', `mkdir -p /mnt/data && mount -t tmpfs -o size=${size},mode=700 tmpfs /mnt/data`]);
  // etcd takes 128 MB for its log; what is restored takes 64 MB more.
  for (const host of ['node1', 'node3']) await mount(host, '400m');
  await mount('node2', '160m');
  expect((await etcdperf(['harness:deploy', '-i', file])).code).toBe(0);
  await put({ before: 'yes' });
  const snapshot = join(folder, 'mounted.db');
  expect((await etcdperf(['backup:snapshot', snapshot, '-i', file, '--target', 'node3'])).code).toBe(0);
  await put({ later: 'yes' });

  const restore = ['backup:restore', snapshot, '-i', file, '--stop', '--force'];
  const full = await etcdperf(restore);
  expect(full).toMatchObject({
    code: 1,
    result: {
      outcome: { kind: 'failed', reason: expect.stringMatching(/node2: .*no space left[\s\S]*the data is as it was/) },
    },
  });
  expect(full.result.members.map((member: { result: object }) => member.result)).toEqual(
    [1, 2, 3].map(() => ({ kind: 'untouched' })),
  );
  expect(await valueAt('later')).toBe('yes');
  for (const host of lab.hosts) expect(await leftOn(host.name)).toBe('');

  await lab.host('node2').exec(['mount', '-o', 'remount,size=400m', '/mnt/data']);
  const restored = await etcdperf(restore);
  expect(restored).toMatchObject({ code: 0, result: { outcome: { kind: 'restored' } } });
  expect(restored.result.members[1].setAside).toMatch(/^\/mnt\/data\/before-restore-/);
  expect([await valueAt('before'), await valueAt('later')]).toEqual(['yes', undefined]);

  const own = mkdtempSync(join(folder, 'full-'));
  const onFullDisk = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs -o size=12k tmpfs "$0" && exec "$@"', own];
  const noRoom = await etcdperf(['backup:snapshot', join(own, 'x.db'), '-i', file], onFullDisk);
  expect(noRoom).toMatchObject({ code: 1, result: { error: { message: 'no space left for the snapshot' } } });
  expect((await etcdperf(['harness:delete', '--yes', '-i', file])).code).toBe(0);
});

test('Ctrl-C while a snapshot is taken: 130, and nothing is left', async () => {
  const own = join(folder, 'interrupted');
  mkdirSync(own);
  // Behind it is one that accepts: where nobody does, the proxy resets the connection.
  await using etcd = await startEtcd();
  await using proxy = await startTcpProxy(etcd.members[0]!.clientPort);
  proxy.blackhole();
  const file = join(own, 'x.db');
  let interrupt: Promise<void> | undefined;
  const args = ['backup:snapshot', file, '--endpoints', `http://${proxy.address}`, '--dial-timeout', '2m'];
  const ended = await etcdperf(args, [], (child) => {
    interrupt = vi
      .waitFor(() => expect(existsSync(`${file}.part`)).toBe(true), { timeout: 60_000 })
      .then(() => {
        child.kill('SIGINT');
      });
  });
  await interrupt;
  expect(ended.code).toBe(130);
  expect(readdirSync(own)).toEqual([]);
});
