import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createLab, type Lab } from '@etcdperf/core/lab';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const SYSCTL = 'net.ipv4.ip_local_port_range';

let lab: Lab;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-e2e-hosts-'));
  lab = await createLab({
    hosts: 3,
    diskBytes: 600 * 2 ** 20,
    users: [
      { name: 'admin', sudo: 'without-password' },
      { name: 'plain', sudo: 'none' },
    ],
  });
});
afterAll(async () => {
  await lab?.down();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const host of lab.hosts) {
    await host.start();
    await host.exec(['rm', '-f', '/fill']);
  }
  await etcdperf('hosts:reset');
});

interface Step {
  readonly step: string;
  readonly status: string;
  readonly detail: string;
  readonly diff?: string;
}
interface Host {
  readonly host: string;
  readonly status: string;
  readonly steps: readonly Step[];
  readonly problems: readonly string[];
  readonly missing: readonly string[];
  readonly problem?: string;
  readonly clock: { readonly source: string; readonly offsetMs: number; readonly errorBarMs: number };
}

function start(...argv: string[]): ChildProcess {
  const named = argv.includes('-i') ? [] : ['-i', lab.inventoryPath];
  const env = { ...process.env, CI: '1' };
  return spawn(process.execPath, [BIN, ...argv, ...named, '--json'], { stdio: ['ignore', 'pipe', 'pipe'], env });
}

async function finish(child: ChildProcess): Promise<{ code: number | null; hosts: readonly Host[]; said: string }> {
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
  const said = `${stdout}\n${stderr}`;
  return { code, hosts: (JSON.parse(stdout || '{}') as { hosts?: readonly Host[] }).hosts ?? [], said };
}

/** Until a running command has said this on stderr. */
async function until(child: ChildProcess, words: string): Promise<void> {
  let said = '';
  child.stderr!.on('data', (chunk) => {
    said += chunk;
  });
  await vi.waitFor(() => expect(said).toContain(words), { timeout: 60_000, interval: 10 });
}

const etcdperf = (...argv: string[]) => finish(start(...argv));
const statuses = (hosts: readonly Host[]) => hosts.map((host) => host.status);
const stepOf = (hosts: readonly Host[], host: string, step: string) =>
  hosts.find((each) => each.host === host)?.steps.find((each) => each.step === step);

/** How often somebody has logged in on a host, by its sshd's own log. */
async function countLogins(host: string): Promise<number> {
  const { stdout } = await lab.host(host).exec(['grep', '-c', 'Accepted publickey', '/var/log/sshd.log']);
  return Number(stdout);
}

/** The lab's inventory, changed. */
function inventory(change: (file: Record<string, Record<string, unknown>>) => void): string {
  const file = parse(readFileSync(lab.inventoryPath, 'utf8')) as Record<string, Record<string, unknown>>;
  change(file);
  const path = join(folder, 'inventory.yaml');
  writeFileSync(path, stringify(file, { aliasDuplicateObjects: false }));
  return path;
}

/** Everything on a host that a reset could forget: files with their contents, folders, kernel settings, processes. */
async function traces(host: string): Promise<string> {
  const look = `
    find /etc /usr/local /root /home /var/lib /run /tmp -xdev | grep -v ^/run/sudo | sort
    find /etc -xdev -type f | sort | xargs sha256sum
    cat /proc/sys/${SYSCTL.replaceAll('.', '/')}
    ps -eo comm= | sort | grep -vE '^(ps|sort|grep|sh|find|xargs|sshd|sleep)$'`;
  return (await lab.host(host).exec(['sh', '-c', look])).stdout;
}

describe('hosts:init and hosts:reset', { timeout: 400_000 }, () => {
  test('prepare a host once, and take it all back', async () => {
    await lab.host('node2').write('/etc/chrony/chrony.conf', '# somebody else wrote this\n');
    const file = inventory((changed) => {
      Object.assign(changed.limits!, { sysctls: { [SYSCTL]: '10240 65535' } });
    });
    const before = await Promise.all(['node1', 'node2'].map(traces));

    const check = await etcdperf('hosts:check', '-i', file);
    expect(check.code, check.said).toBe(0);
    expect(statuses(check.hosts)).toEqual(['unprepared', 'unprepared', 'unprepared']);
    expect(check.hosts[0]!.missing).toContain('etcd 3.6.16');

    const plan = await etcdperf('hosts:init', '--dry-run', '-i', file);
    expect(statuses(plan.hosts)).toEqual(['changed', 'changed', 'changed']);
    expect(stepOf(plan.hosts, 'node2', 'clock')?.diff).toContain('-# somebody else wrote this');
    expect(await Promise.all(['node1', 'node2'].map(traces))).toEqual(before);

    const logins = await Promise.all(['node1', 'node2'].map(countLogins));
    const first = await etcdperf('hosts:init', '-i', file);
    expect(first.code, first.said).toBe(0);
    // All steps go over one connection.
    expect(await Promise.all(['node1', 'node2'].map(countLogins))).toEqual(logins.map((count) => count + 1));
    expect(statuses(first.hosts)).toEqual(['changed', 'changed', 'changed']);
    expect(stepOf(first.hosts, 'node1', 'limits')?.detail).toContain('a process got nofile 16384');
    expect(stepOf(first.hosts, 'node1', 'sysctls')?.detail).toContain('-> 10240 65535');
    expect(first.hosts[0]!.clock).toMatchObject({ source: 'chrony', synchronised: true });

    const second = await etcdperf('hosts:init', '-i', file);
    expect(second.code, second.said).toBe(0);
    expect(second.hosts.flatMap((host) => host.steps.filter((step) => !/^(ok|skipped)$/.test(step.status)))).toEqual(
      [],
    );
    expect(statuses((await etcdperf('hosts:check', '-i', file)).hosts)).toEqual(['ready', 'ready', 'ready']);
    expect((await etcdperf('hosts:clock', '--sync', '-i', file)).code).toBe(0);

    const reset = await etcdperf('hosts:reset', '-i', file);
    expect(reset.code, reset.said).toBe(0);
    expect(await Promise.all(['node1', 'node2'].map(traces))).toEqual(before);
    expect(statuses((await etcdperf('hosts:reset', '-i', file)).hosts)).toEqual(['ok', 'ok', 'ok']);
    await lab.host('node2').exec(['rm', '/etc/chrony/chrony.conf']);
  });

  test('a host that is down and one whose disk is full: the others finish, and the exit code tells', async () => {
    await lab.host('node1').kill();
    await lab.host('node2').exec(['sh', '-c', 'cat /dev/zero >/fill']);
    const { code, hosts, said } = await etcdperf('hosts:init');
    expect(code).toBe(1);
    expect(statuses(hosts), said).toEqual(['failed', 'failed', 'changed']);
    expect(hosts[0]!.steps).toMatchObject([{ step: 'connect', status: 'failed' }]);
    const failed = hosts[1]!.steps.filter((step) => step.status === 'failed');
    expect(failed.map((step) => step.step)).toContain('runtime');
    for (const step of failed) expect(step.detail).toMatch(/no space left|KiB free|cannot (make|write|lock)/i);
    expect((await etcdperf('hosts:check', '-l', 'node1')).code).toBe(1);

    await lab.host('node1').start();
    await lab.host('node2').exec(['rm', '/fill']);
    const again = await etcdperf('hosts:init');
    expect(again.code, again.said).toBe(0);
    expect(statuses(again.hosts)).toEqual(['changed', 'changed', 'ok']);
  });

  test('a connection cut in the middle: running it again completes it', async () => {
    const child = start('hosts:init');
    const ending = finish(child);
    // The longest step: a clock takes seconds to be known well.
    await until(child, 'node1: clock');
    await lab.host('node1').exec(['sh', '-c', "kill $(ps -eo pid,args | awk '/sshd: root@/ && !/awk/ { print $1 }')"]);
    const { code, hosts, said } = await ending;
    expect(code).toBe(1);
    expect(statuses(hosts), said).toEqual(['failed', 'changed', 'changed']);
    expect(stepOf(hosts, 'node1', 'clock')?.detail).toContain('connection was lost');
    expect(stepOf(hosts, 'node1', 'etcd')?.status).toBe('skipped');

    const again = await etcdperf('hosts:init');
    expect(again.code, again.said).toBe(0);
    expect(statuses(again.hosts)).toEqual(['changed', 'ok', 'ok']);
  });

  test('Ctrl-C ends it with 130, and running it again completes it', async () => {
    const child = start('hosts:init');
    const ending = finish(child);
    await until(child, 'node1: clock');
    child.kill('SIGINT');
    expect((await ending).code).toBe(130);
    const again = await etcdperf('hosts:init');
    expect(again.code, again.said).toBe(0);
  });

  test('with sudo as with root; without, it is said and nothing is touched', async () => {
    const file = inventory((changed) => {
      changed.hosts = {
        node1: { address: lab.host('node1').address, user: 'admin', become: 'sudo' },
        node2: { address: lab.host('node2').address, user: 'plain', become: 'sudo' },
        node3: { address: lab.host('node3').address, user: 'admin' },
      };
    });
    const before = await traces('node2');
    const check = await etcdperf('hosts:check', '-i', file);
    expect(check.code).toBe(1);
    expect(statuses(check.hosts)).toEqual(['unprepared', 'unusable', 'unusable']);
    expect(check.hosts[1]!.problems[0]).toContain('no root rights for plain');
    expect(check.hosts[2]!.problems[0]).toContain('become: sudo');
    const { code, hosts, said } = await etcdperf('hosts:init', '-i', file);
    expect(code).toBe(1);
    expect(statuses(hosts), said).toEqual(['changed', 'failed', 'failed']);
    expect(stepOf(hosts, 'node1', 'limits')?.detail).toContain('a process got nofile 16384');
    expect(stepOf(hosts, 'node3', 'limits')?.detail).toContain('needs root');
    expect(await traces('node2')).toBe(before);
    const reset = await etcdperf('hosts:reset', '-i', file, '-l', 'node1');
    expect(reset.code, reset.said).toBe(0);
  });
});

describe('a wrong clock', { timeout: 400_000 }, () => {
  test('is caught by init, by check, and by clock, whatever its own chrony believes', async () => {
    const right = await etcdperf('hosts:init');
    expect(right.code, right.said).toBe(0);
    await lab.host('node3').skew(400);
    try {
      const { code, hosts, said } = await etcdperf('hosts:clock');
      expect(code).toBe(1);
      expect(statuses(hosts), said).toEqual(['ok', 'ok', 'wrong']);
      expect(hosts[2]!.problem).toMatch(/^\d{3} ms off/);
      expect((await etcdperf('hosts:check')).hosts[2]!.missing.join()).toMatch(/clock: \d{3} ms off/);
      const init = await etcdperf('hosts:init');
      expect(init.code).toBe(1);
      expect(statuses(init.hosts)).toEqual(['ok', 'ok', 'failed']);
      expect(stepOf(init.hosts, 'node3', 'clock')?.status).toBe('failed');
    } finally {
      await lab.host('node3').skew(0);
    }
    const again = await etcdperf('hosts:init');
    expect(again.code, again.said).toBe(0);
    expect((await etcdperf('hosts:clock')).code).toBe(0);
  });
});
