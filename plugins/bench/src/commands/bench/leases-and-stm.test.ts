import { readdir } from 'node:fs/promises';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startCommand, startShell } from '../../testing/command-line.ts';
import { runsFolder } from '../../testing/run-work.ts';

const WAIT = { timeout: 30_000, interval: 20 };

let cluster: TestCluster;
let client: WireClient;
let folder: Awaited<ReturnType<typeof runsFolder>>;
let place: { readonly cwd: string; readonly endpoints: readonly string[] };
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints });
  folder = await runsFolder();
  place = { cwd: folder.path, endpoints: cluster.endpoints };
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
  await folder[Symbol.asyncDispose]();
});

const leaseCount = async () => (await client.leases()).ids.length;

test('lease-keepalive tells what was granted', async () => {
  const { code, stdout } = await startCommand(['bench:lease-keepalive', '--total', '200', '--ttl', '1'], place).ended;
  expect(code).toBe(0);
  expect(stdout).toContain('leases: 1, TTL granted: 2 s (asked for: 1 s); 1 revoked');
});

test('lease-hold: leases with keys, revoked; the report in JSON', async () => {
  const argv = ['bench:lease-hold', '--count', '100', '--ramp', '500ms', '--ttl', '30', '--hold', '100ms'];
  const { code, stdout } = await startCommand([...argv, '--attach-keys', '--end', 'revoke', '--json'], place).ended;
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.plan).toMatchObject({ pace: { kind: 'open', ratePerSec: 200 }, end: { requests: 100 } });
  expect(report.leases).toMatchObject({ granted: 100, ended: 100, lost: 0, left: 0 });
  expect(await leaseCount()).toBe(0);
});

test.each([
  [[], 'run out within 20 s (--cleanup would revoke them)', 100],
  [['--cleanup'], 'have been revoked (--cleanup)', 0],
])('lease-hold %j: Ctrl-C says what becomes of the leases', async (more, message, left) => {
  const argv = ['bench:lease-hold', '--count', '100', '--ttl', '20', '--hold', '10m'];
  const command = startCommand([...argv, ...more], place);
  await vi.waitFor(() => expect(command.stderr).toContain('holding 100 leases'), WAIT);
  command.process.kill('SIGINT');
  const { code, stdout } = await command.ended;
  expect(code).toBe(130);
  expect(stdout).toContain(`100 leases ${left === 0 ? 'were left and' : 'are left by the interruption'}`);
  expect(stdout).toContain(message);
  expect(await leaseCount()).toBe(left);
  for (const id of (await client.leases()).ids) await client.leaseRevoke(id);
});

test('stm: conflicts are told', async () => {
  const argv = ['bench:stm', '--isolation', 's', '--clients', '10', '--txn-wr-percent', '100', '--total', '200'];
  const { code, stdout } = await startCommand([...argv, '--cleanup'], place).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/conflicts: \d+ in \d+ attempts \([\d.]+ %\); \d+ of 200 transactions were tried again/);
  expect(stdout).toContain('written: 200 (1)');
  expect((await client.range('bench/', { prefix: true })).count).toBe(0);
});

test.each([
  [['bench:stm', '--keys-per-txn', '2'], "can't read 2 different keys when there are 1"],
  [['bench:stm', '--isolation', 'x'], '--isolation=x'],
  [['bench:stm', '--stm-locker', 'none'], '--stm-locker=none'],
  [['bench:stm', '--txn-wr-percent', '101'], '101'],
  [['bench:lease-keepalive', '--leases', '600', '--ttl', '60', '--rate', '10'], 'runs out after 60 s'],
  [['bench:lease-keepalive', '--ttl', '0'], '--ttl'],
  [['bench:lease-hold', '--rate', '0'], 'granted at a rate'],
  [['bench:lease-hold', '--rate', '5', '--ramp', '1s'], '--ramp'],
  [['bench:lease-hold', '--total', '5'], '--total'],
  [['bench:check:perf', '--rate', '0'], 'made at a rate'],
  [['bench:check:perf', '--load', 'xxl'], '--load=xxl'],
])('%j is wrong input, and nothing is touched', async (argv, message) => {
  await using elsewhere = await runsFolder();
  const { code, stdout, stderr } = await startCommand(argv, { ...place, cwd: elsewhere.path }).ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(await readdir(elsewhere.path)).toEqual([]);
  expect(await leaseCount()).toBe(0);
});

/** Those of a command's help, as they are printed. */
async function examplesOf(id: string): Promise<string[]> {
  const { stdout } = await startCommand([id, '--help'], { ...place, env: { FORCE_COLOR: '0' } }).ended;
  const [, ...examples] = stdout.slice(stdout.indexOf('EXAMPLES')).split('$ etcdperf ');
  return examples.map((text) => `etcdperf ${text.split(/\n\s*\n/)[0]}`);
}

test.each([
  ['bench:stm', 3],
  ['bench:lease-keepalive', 3],
  ['bench:lease-hold', 2],
  ['bench:check:perf', 1],
  ['bench:check:datascale', 2],
])(
  'the examples of %s work as its help prints them',
  async (id, quick) => {
    const all = await examplesOf(id);
    // The others take minutes: 250000 leases, a level for as long as etcdctl has it.
    const examples = all.filter(
      (text) => !text.includes('250000') && (id !== 'bench:check:perf' || /--duration/.test(text)),
    );
    expect(examples).toHaveLength(quick);
    for (const example of examples) {
      const { code, stderr } = await startShell(example, place).ended;
      // How quick this machine is decides whether a check passes.
      expect(id.startsWith('bench:check') ? [0, 3] : [0], `${example}\n${stderr}`).toContain(code);
    }
    expect(await leaseCount()).toBe(0);
  },
  400_000,
);
