import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClusterStatus, DeployReport } from '@etcdperf/core/etcd';
import { createLab, type Lab } from '@etcdperf/core/lab';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const LONG = { timeout: 60_000, interval: 200 };

interface Fault {
  readonly member: string;
  readonly host: string;
  readonly outcome: { readonly kind: string };
  readonly method?: string;
  readonly heldMs?: number;
  readonly effect: {
    readonly leaderBefore?: string;
    readonly leaderAfter?: string;
    readonly leaderChanges: number;
    readonly recoveredMs?: number;
  };
}
interface Restart {
  readonly outcome: { readonly kind: string };
  readonly members: readonly { readonly name: string; readonly result: { readonly kind: string } }[];
}
interface Ended<T> {
  readonly code: number | null;
  readonly result: T;
  readonly stderr: string;
}

let lab: Lab;

/** As users run it, with --json, in a process group of its own. `onHeld` is called once a fault is being held. */
function etcdperf<T>(args: string[], onHeld?: (child: ChildProcess) => void): Promise<Ended<T>> {
  const argv = [BIN, ...args, '-i', lab.inventoryPath, '--json'];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let stdout = '';
  let stderr = '';
  let isHeld = false;
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    if (isHeld || !/, for [\d.]+ s$/m.test(stderr)) return;
    isHeld = true;
    onHeld?.(child);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stderr, result: JSON.parse(stdout || 'null') as T }));
  });
}

const fault = (args: string[], onHeld?: (child: ChildProcess) => void) =>
  etcdperf<Fault>(['harness:fault', ...args], onHeld);
const status = () => etcdperf<ClusterStatus>(['harness:status']);
/** On a host, not over SSH. */
const on = async (host: string, script: string) => (await lab.host(host).exec(['sh', '-c', script])).stdout.trim();
/** What a host still has of faults: files, processes, rules, a tracer, a clock of its own. */
const remains = (host: string) =>
  on(
    host,
    'ls -A /var/lib/etcdperf/faults 2>/dev/null; pgrep -af "faults/[0-9a-f]"; iptables -S | grep ETCDPERF; pgrep -a strace; ls /etc/faketimerc 2>/dev/null; true',
  );
const pidOf = (host: string) => on(host, 'pgrep -x "etcd-[0-9.]*"');
const stateOf = async (host: string) =>
  on(host, `sed -n 's/^State:.\\(.\\).*/\\1/p' /proc/${await pidOf(host)}/status`);

beforeAll(async () => {
  lab = await createLab({ hosts: 3, diskBytes: 400 * 1024 ** 2 });
  const deployed = await etcdperf<DeployReport>(['harness:deploy']);
  expect([deployed.code, deployed.result.outcome.kind]).toEqual([0, 'deployed']);
});
afterEach(async () => {
  for (const { name } of lab.hosts) expect(await remains(name)).toBe('');
  await expect.poll(async () => (await status()).code, LONG).toBe(0);
});
afterAll(async () => {
  await lab?.down();
});

// Each command is a process and SSH to three hosts of a machine that may have other work.
vi.setConfig({ testTimeout: 180_000 });

describe('faults on hosts', () => {
  test('the leader cut from its peers: another leads; the rules are gone afterwards', async () => {
    let rules: Promise<string> = Promise.resolve('');
    const { code, result } = await fault(['cut', 'leader', '--from', 'peers', '--for', '5s'], () => {
      rules = Promise.all(lab.hosts.map(({ name }) => on(name, 'iptables -S'))).then((all) => all.join('\n'));
    });
    expect([code, result.outcome.kind]).toEqual([0, 'ended']);
    expect(result.effect.leaderAfter).not.toBe(result.effect.leaderBefore);
    expect(result.effect.leaderChanges).toBeGreaterThan(0);
    expect(result.heldMs).toBeGreaterThanOrEqual(5000);
    const cut = await rules;
    expect(cut).toContain('-A INPUT -j ETCDPERF-');
    expect(cut).toMatch(/--dport 2380 -j DROP/);
    expect(cut).not.toMatch(/port (22|2379) -j DROP/);
  });

  test('the tool is killed: the host mends it at its own time', async () => {
    let host = '';
    const ended = await fault(['kill', 'node2', '--for', '4s'], (child) => {
      host = 'node2';
      process.kill(-child.pid!, 'SIGKILL');
    });
    expect([ended.code, host]).toEqual([null, 'node2']);
    expect(await pidOf('node2')).toBe('');
    await expect.poll(() => pidOf('node2'), LONG).toMatch(/^\d+$/);
    await expect.poll(() => remains('node2'), LONG).toBe('');
  });

  test('the connection breaks: the host mends it at its own time, and the report says so', async () => {
    let state = '';
    let done: Promise<void> = Promise.resolve();
    const ended = await fault(['pause', 'node3', '--for', '3s', '--recover', '1s'], () => {
      done = (async () => {
        await lab.host('node3').cut();
        state = await stateOf('node3');
        await expect.poll(() => stateOf('node3'), LONG).toBe('S');
        await expect.poll(() => remains('node3'), LONG).toBe('');
        await lab.host('node3').heal();
      })();
    });
    await done;
    expect(state).toBe('T');
    expect([ended.code, ended.result.outcome.kind]).toEqual([1, 'left to the host']);
  });

  test('Ctrl-C mends it at once, with a report', async () => {
    const { code, result } = await fault(['kill', 'node1', '--for', '10m'], (child) => child.kill('SIGINT'));
    expect([code, result.outcome.kind]).toEqual([130, 'interrupted']);
    expect(await pidOf('node1')).toMatch(/^\d+$/);
  });

  test('a full disk; afterwards all of it is free again and the member runs', async () => {
    const free = () => on('node1', "df -k --output=avail /var/lib/etcdperf | tail -n 1 | tr -d ' '");
    const before = Number(await free());
    let during: Promise<string> = Promise.resolve('');
    const { code, result } = await fault(['fill-disk', 'node1', '--leave', '1m', '--for', '3s'], () => {
      during = free();
    });
    expect([code, result.outcome.kind]).toEqual([0, 'ended']);
    expect(Number(await during)).toBeLessThanOrEqual(1024);
    expect(Number(await free())).toBeGreaterThan(before / 2);
    expect(await pidOf('node1')).toMatch(/^\d+$/);
  });

  test('a slow disk by delayed fsyncs, and a limit where no disk can be limited is refused', async () => {
    let tracer: Promise<string> = Promise.resolve('');
    const slow = await fault(['slow-disk', 'follower', '--delay', '50ms', '--for', '2s'], () => {
      tracer = Promise.all(lab.hosts.map(({ name }) => on(name, 'pgrep -a strace || true'))).then((all) =>
        all.join(''),
      );
    });
    expect([slow.code, slow.result.method]).toEqual([0, 'fsyncs delayed by 50 ms']);
    expect(await tracer).toContain('inject=fsync,fdatasync:delay_enter=50000');
    const limit = await fault(['slow-disk', 'follower', '--writes', '10']);
    expect(limit.code).toBe(2);
    expect(JSON.stringify(limit.result)).toContain('is not on a disk whose I/O can be limited');
  });

  test("a lab host's clock is wrong for a while", async () => {
    const aheadMs = async () => Number(await on('node1', 'date +%s%3N')) - Date.now();
    let during: Promise<number> = Promise.resolve(0);
    const { code } = await fault(['skew', 'node1', '--offset=+1h', '--for', '2s'], () => {
      during = aheadMs();
    });
    expect(code).toBe(0);
    expect(await during).toBeGreaterThan(3_000_000);
    expect(Math.abs(await aheadMs())).toBeLessThan(600_000);
  });

  test('what is active is told, and undone by hand', async () => {
    const ended = await fault(['pause', 'node2', '--for', '10m', '--recover', '30s'], (child) => {
      process.kill(-child.pid!, 'SIGKILL');
    });
    expect(ended.code).toBeNull();
    const { code, result } = await etcdperf<{ hosts: { host: string; faults: { undone: string }[] }[] }>([
      'harness:fault',
      '--undo',
    ]);
    expect(code).toBe(0);
    expect(result.hosts.find(({ host }) => host === 'node2')?.faults).toMatchObject([{ undone: 'yes' }]);
    expect(await stateOf('node2')).toBe('S');
  });
});

test('restart of all hosts’ members, one by one', async () => {
  const before = await Promise.all(lab.hosts.map(({ name }) => pidOf(name)));
  const { code, result } = await etcdperf<Restart>(['harness:restart', '--all', '--leader-last']);
  expect({ code, ...result }).toMatchObject({ code: 0, outcome: { kind: 'restarted' } });
  expect(result.members.map((member) => member.result.kind)).toEqual(['restarted', 'restarted', 'restarted']);
  const after = await Promise.all(lab.hosts.map(({ name }) => pidOf(name)));
  for (const [index, pid] of after.entries()) expect(pid).not.toBe(before[index]);
});
