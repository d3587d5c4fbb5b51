import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createLab, type Lab } from '@etcdperf/core/lab';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const PASSWORD = 'correct horse $(battery) \'staple"';
const WAIT = { timeout: 30_000, interval: 100 };

let lab: Lab;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-e2e-ssh-'));
  lab = await createLab({
    hosts: 4,
    diskBytes: 64 * 2 ** 20,
    users: [
      { name: 'admin', password: PASSWORD, sudo: 'with-password' },
      { name: 'free', sudo: 'without-password' },
      { name: 'plain', password: PASSWORD, sudo: 'none' },
    ],
  });
}, 180_000);

afterAll(async () => {
  await lab?.down();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

function start(argv: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [bin, ...argv], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: '1', ETCDPERF_INVENTORY: lab.inventoryPath, ...env },
  });
}

async function finish(child: ChildProcess) {
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
  return { stdout, stderr, code };
}

const etcdperf = (argv: readonly string[], env?: Record<string, string>) => finish(start(argv, env));

/** An inventory of the lab's hosts with settings of its own; returns its path. */
async function inventory(name: string, settings: object, hosts: Record<string, object> = {}): Promise<string> {
  const path = join(folder, `${name}.yaml`);
  const defaults = { user: 'root', key: lab.sshKeyPath, knownHosts: lab.knownHostsPath, ...settings };
  const all = Object.fromEntries(lab.hosts.map((host) => [host.name, { address: host.address, ...hosts[host.name] }]));
  await writeFile(path, stringify({ hosts: all, defaults }));
  return path;
}

/** How many processes of a host have this in their command line. */
async function running(host: string, marker: string): Promise<number> {
  const found = await lab.host(host).exec(['pgrep', '-cf', marker]);
  return Number(found.stdout.trim());
}

const lines = (output: string) => output.trimEnd().split('\n').toSorted();

describe('hosts:list', () => {
  test('says how each host is reached', async () => {
    const { stdout, code } = await etcdperf(['hosts:list', '--limit', 'node[1-2]', '--json']);
    expect(code).toBe(0);
    const [first, second, ...more] = JSON.parse(stdout).hosts;
    expect(first).toMatchObject({
      name: 'node1',
      address: lab.host('node1').address,
      port: 22,
      user: 'root',
      jump: [],
    });
    expect(second.name).toBe('node2');
    expect(more).toEqual([]);
    expect((await etcdperf(['hosts:list'])).stdout.split('\n')[0]).toMatch(/^HOST +ADDRESS +USER +BECOME/);
  });

  test('an unknown name is wrong input', async () => {
    const { stdout, stderr, code } = await etcdperf(['hosts:list', '--limit', 'nod1']);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(/did you mean 'node1'/);
  });
});

describe('hosts:run', () => {
  test('shows every line with its host, and arguments arrive as they are', async () => {
    const odd = '$HOME `id` "x" \\ \'y\' *';
    const { stdout, stderr, code } = await etcdperf(['hosts:run', '--', 'printf', '%s\\n%s\\n', 'first', odd]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(lines(stdout)).toEqual(lab.hosts.flatMap(({ name }) => [`${name}: ${odd}`, `${name}: first`]).toSorted());
  });

  test('every word comes through in its place, also twice, empty, and like a flag of ours', async () => {
    const words = ['b', 'a', 'b', '--', '', '--json', '-l', 'node1', '--', 'a'];
    const run = ['hosts:run', '-l', 'node1', '--', 'printf', '<%s>\\n', ...words];
    expect((await etcdperf(run)).stdout).toBe(words.map((word) => `node1: <${word}>\n`).join(''));
  });

  test('a forgotten command is wrong input, and never read from a pipe', async () => {
    const child = spawn(process.execPath, [bin, 'hosts:run', '-i', lab.inventoryPath], { cwd: folder });
    child.stdin.end('touch /touched\n');
    expect(await finish(child)).toMatchObject({ code: 2, stdout: '' });
    expect((await lab.host('node1').exec(['test', '-e', '/touched'])).code).toBe(1);
  });

  test('--fold shows identical outputs once', async () => {
    const { stdout, code } = await etcdperf([
      'hosts:run',
      '--fold',
      '--',
      'sh',
      '-c',
      'echo same; [ "$(hostname)" != node3 ]',
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('node[1-2,4] (3)\n  same\n');
    expect(stdout).toContain('node3 (1)\n  same\n  exit 1\n');
  });

  test('a host that fails and one that is off: the others have their results, and the exit code tells', async () => {
    await lab.host('node4').kill();
    try {
      const command = 'hostname; [ "$(hostname)" != node2 ] || exit 7';
      const { stdout, code } = await etcdperf([
        'hosts:run',
        '--connect-timeout',
        '10',
        '--json',
        '--',
        'sh',
        '-c',
        command,
      ]);
      expect(code).toBe(1);
      const result = JSON.parse(stdout);
      expect(result).toMatchObject({
        argv: ['sh', '-c', command],
        failed: 2,
        hosts: [
          { host: 'node1', status: 'ok', code: 0, signal: null, stdout: 'node1\n', stderr: '' },
          { host: 'node2', status: 'nonzero', code: 7, stdout: 'node2\n' },
          { host: 'node3', status: 'ok', code: 0 },
          { host: 'node4', status: 'failed', error: expect.stringMatching(/no route|no answer/) },
        ],
      });
    } finally {
      await lab.host('node4').start();
    }
  });

  test('--dry-run and wrong input touch nothing', async () => {
    const command = ['--', 'touch', '/touched'];
    expect(await etcdperf(['hosts:run', '--dry-run', ...command])).toMatchObject({ code: 0 });
    expect(await etcdperf(['hosts:run', '--limit', 'node1,nope', ...command])).toMatchObject({ code: 2, stdout: '' });
    expect(await etcdperf(['hosts:run', '--forks', '0', ...command])).toMatchObject({ code: 2, stdout: '' });
    for (const host of lab.hosts) expect((await host.exec(['test', '-e', '/touched'])).code).toBe(1);
  });

  test('Ctrl-C ends the command on every host', async () => {
    const child = start(['hosts:run', '--', 'sh', '-c', 'trap "" TERM; sleep 123454321; sleep 123454321']);
    const outcome = finish(child);
    const everywhere = async (count: number) => {
      for (const { name } of lab.hosts) expect(Math.min(await running(name, 'sleep 12345432[1]'), 1)).toBe(count);
    };
    await vi.waitFor(() => everywhere(1), WAIT);
    child.kill('SIGINT');
    expect(await outcome).toMatchObject({ code: 130, stdout: '' });
    await everywhere(0);
  });

  test('--timeout ends it too', async () => {
    const { stdout, code } = await etcdperf(['hosts:run', '--timeout', '1', '--json', '--', 'sleep', '543212345']);
    expect(code).toBe(1);
    const { hosts } = JSON.parse(stdout);
    for (const host of hosts)
      expect(host).toMatchObject({ status: 'failed', error: expect.stringContaining('1000 ms') });
    for (const { name } of lab.hosts) expect(await running(name, 'sleep 54321234[5]')).toBe(0);
  });
});

describe('hosts:push', () => {
  test('brings a file once, whole, with its mode', async () => {
    const file = join(folder, 'tool');
    await writeFile(file, '#!/bin/sh\necho tool\n', { mode: 0o755 });
    const push = ['hosts:push', file, '/opt/new folder/', '--json'];
    const first = JSON.parse((await etcdperf(push)).stdout);
    expect(first).toMatchObject({ destination: '/opt/new folder/tool', failed: 0 });
    expect(first.hosts.map(({ status }: { status: string }) => status)).toEqual(Array(4).fill('changed'));
    const { stdout } = await etcdperf(['hosts:run', '--fold', '--', '/opt/new folder/tool']);
    expect(stdout).toBe('node[1-4] (4)\n  tool\n');
    const again = JSON.parse((await etcdperf(push)).stdout);
    expect(again.hosts.map(({ status }: { status: string }) => status)).toEqual(Array(4).fill('ok'));
  });

  test('a full disk on one host: the others finish, the old file stays, nothing is left half-written', async () => {
    const file = join(folder, 'big');
    await writeFile(file, Buffer.alloc(2 ** 20, 'x'));
    const full = lab.host('node2');
    await full.write('/srv/big', 'old');
    await full.exec(['sh', '-c', 'cat /dev/zero >/srv/filler']);
    try {
      const { stdout, code } = await etcdperf(['hosts:push', file, '/srv/big', '--json']);
      expect(code).toBe(1);
      const { hosts } = JSON.parse(stdout);
      expect(hosts[1]).toMatchObject({
        host: 'node2',
        status: 'failed',
        error: expect.stringContaining('no space left'),
      });
      expect(hosts.filter(({ status }: { status: string }) => status === 'changed')).toHaveLength(3);
      expect((await full.exec(['sh', '-c', 'cd /srv && ls && cat big'])).stdout).toBe('big\nfiller\nold');
    } finally {
      await full.exec(['rm', '-f', '/srv/filler']);
    }
  });

  test('wrong input is told before anything is sent', async () => {
    expect(await etcdperf(['hosts:push', join(folder, 'nothing'), '/srv/'])).toMatchObject({ code: 2, stdout: '' });
    expect(await etcdperf(['hosts:push', folder, '/srv/'])).toMatchObject({ code: 2, stdout: '' });
    expect(await etcdperf(['hosts:push', bin, '/srv/', '--mode', '9'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('host keys', () => {
  test('a changed one stops this host only, and both fingerprints are shown', async () => {
    const known = await readFile(lab.knownHostsPath, 'utf8');
    const [of1, of2] = known.split('\n').map((line) => line.split(' '));
    const file = join(folder, 'changed_hosts');
    await writeFile(file, known.replace(of1![2]!, of2![2]!));
    const path = await inventory('changed', { knownHosts: file });
    const { stdout, code } = await etcdperf(['hosts:run', '-i', path, '--json', '--accept-new', '--', 'true']);
    expect(code).toBe(1);
    const { hosts, failed } = JSON.parse(stdout);
    expect(failed).toBe(1);
    expect(hosts[0].error).toMatch(/changed.*SHA256:.*changed_hosts:1.*SHA256:/);
  });

  test('unknown ones are refused, and accepted and kept with --accept-new', async () => {
    const file = join(folder, 'new_hosts');
    const path = await inventory('unknown', { knownHosts: file });
    const refused = await etcdperf(['hosts:run', '-i', path, '--', 'true']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/node4: failed: the host key is not known: ssh-ed25519 SHA256:/);
    expect(await etcdperf(['hosts:run', '-i', path, '--accept-new', '--', 'true'])).toMatchObject({ code: 0 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(lines(await readFile(file, 'utf8'))).toHaveLength(4);
    expect(await etcdperf(['hosts:run', '-i', path, '--', 'true'])).toMatchObject({ code: 0 });
  });

  /** The command at a terminal of its own; what is typed there, and how it went. */
  function atTerminal(argv: readonly string[]) {
    const quoted = [process.execPath, bin, ...argv].map((word) => `'${word}'`).join(' ');
    const child = spawn('script', ['-qefc', quoted, '/dev/null'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return {
      ended,
      shown: () => shown,
      async answer(question: string, typed: string) {
        await vi.waitFor(() => expect(shown).toContain(question), WAIT);
        shown = shown.slice(shown.indexOf(question) + question.length);
        child.stdin.write(typed);
      },
    };
  }

  test('at a terminal somebody is asked', async () => {
    const path = await inventory('asked', { knownHosts: join(folder, 'asked_hosts') });
    const terminal = atTerminal(['hosts:run', '-i', path, '--limit', 'node1,node2', '--', 'echo', 'hello']);
    await terminal.answer('Trust it? (yes/no)', 'yes\r');
    await terminal.answer('Trust it? (yes/no)', 'no\r');
    expect(await terminal.ended).toBe(1);
    expect(terminal.shown()).toMatch(/hello/);
    expect(lines(await readFile(join(folder, 'asked_hosts'), 'utf8'))).toHaveLength(1);
  });

  test('Ctrl-C at the question ends it all', async () => {
    const path = await inventory('interrupted', { knownHosts: join(folder, 'interrupted_hosts') });
    const terminal = atTerminal(['hosts:run', '-i', path, '--', 'echo', 'hello']);
    await terminal.answer('Trust it? (yes/no)', '\u0003');
    expect(await terminal.ended).toBe(130);
    expect(terminal.shown()).not.toMatch(/hello/);
  });

  test('a password is asked for once for all hosts, and not shown', async () => {
    const path = await inventory('typed', { user: 'plain' });
    const without = (await readFile(path, 'utf8')).replace(/^ *key: .*\n/m, '');
    await writeFile(path, without);
    const terminal = atTerminal(['hosts:run', '-i', path, '--', 'id', '-un']);
    await terminal.answer('Password of plain', `${PASSWORD}\r`);
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown().match(/node\d: plain/g)).toHaveLength(4);
    expect(terminal.shown()).not.toMatch(/Password|horse/);
  });
});

describe('users', () => {
  const asRoot = ['--become', '--json', '--', 'sh', '-c', 'id -u; cat'];

  test('log in with a password and become root with it', async () => {
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    const path = await inventory('admin', { user: 'admin', passwordFile });
    const { stdout, stderr, code } = await etcdperf(['hosts:run', '-i', path, ...asRoot]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    for (const host of JSON.parse(stdout).hosts) expect(host).toMatchObject({ stdout: '0\n', stderr: '' });
    const file = join(folder, 'secret');
    await writeFile(file, 'content', { mode: 0o600 });
    const become = await inventory('become', { user: 'admin', passwordFile, become: 'sudo' });
    expect(await etcdperf(['hosts:push', '-i', become, file, '/root/secret'])).toMatchObject({ code: 0 });
    expect((await lab.host('node3').exec(['stat', '-c', '%U %a', '/root/secret'])).stdout).toBe('root 600\n');
  });

  test('the password may come from the environment', async () => {
    const path = await inventory('env', { user: 'plain', passwordEnv: 'LAB_PASSWORD' });
    await writeFile(path, (await readFile(path, 'utf8')).replace(/^ *key: .*\n/m, ''));
    const run = ['hosts:run', '-i', path, '--fold', '--', 'id', '-un'];
    expect(await etcdperf(run, { LAB_PASSWORD: PASSWORD })).toMatchObject({
      code: 0,
      stdout: 'node[1-4] (4)\n  plain\n',
    });
    const wrong = await etcdperf(run, { LAB_PASSWORD: 'not-the-one' });
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/node\[1-4\] \(4\)|refused to log us in \(tried: .*password/);
    expect(wrong.stdout + wrong.stderr).not.toContain('not-the-one');
  });

  test('without a password where sudo wants none', async () => {
    const path = await inventory('free', { user: 'free' });
    expect(await etcdperf(['hosts:run', '-i', path, '--become', '--fold', '--', 'id', '-un'])).toMatchObject({
      code: 0,
      stdout: 'node[1-4] (4)\n  root\n',
    });
  });

  test('who may not become root is told so', async () => {
    const path = await inventory('plain', { user: 'plain', passwordEnv: 'LAB_PASSWORD' });
    const { stdout, code } = await etcdperf(['hosts:run', '-i', path, ...asRoot], { LAB_PASSWORD: PASSWORD });
    expect(code).toBe(1);
    const { hosts } = JSON.parse(stdout);
    for (const host of hosts)
      expect(host).toMatchObject({ status: 'failed', error: expect.stringContaining('no root rights for plain') });
    expect(stdout).not.toContain('horse');
  });
});

describe('jump hosts', () => {
  test('two hops, by their names in the inventory; a hop that is down is named', async () => {
    const path = await inventory('jump', {}, { node3: { jump: ['node1', 'node2'] }, node4: { jump: 'node1' } });
    const { stdout, code } = await etcdperf([
      'hosts:run',
      '-i',
      path,
      '--limit',
      'node[3-4]',
      '--json',
      '--',
      'sh',
      '-c',
      'echo $SSH_CLIENT',
    ]);
    expect(code).toBe(0);
    const from = JSON.parse(stdout).hosts.map((host: { stdout: string }) => host.stdout.split(' ')[0]);
    expect(from).toEqual([lab.host('node2').address, lab.host('node1').address]);

    await lab.host('node2').kill();
    try {
      const broken = await etcdperf([
        ...['hosts:run', '-i', path, '--limit', 'node[3-4]', '--connect-timeout', '5', '--json'],
        ...['--', 'true'],
      ]);
      const [third, fourth] = JSON.parse(broken.stdout).hosts;
      expect(third).toMatchObject({ status: 'failed', error: expect.stringMatching(/node1 cannot reach|node2/) });
      expect(fourth).toMatchObject({ status: 'ok' });
    } finally {
      await lab.host('node2').start();
    }
  });
});
