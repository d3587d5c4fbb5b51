import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { InventoryHost } from '../config/index.ts';
import { InputError, InterruptedError } from '../errors/index.ts';
import { makeKey, startSshd, startTcpProxy, type TestSshd } from '../testing/index.ts';
import { type ConnectHostsOptions, connectHosts } from './connect-hosts.ts';
import { fanOut } from './fan-out.ts';
import { fingerprint } from './known-hosts.ts';
import {
  AuthenticationError,
  CommandTimeoutError,
  ConnectError,
  ConnectionLostError,
  HostKeyError,
} from './ssh-error.ts';

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'], config: ['MaxSessions 9'] });
});
afterAll(() => sshd.stop());

type Settings = Partial<InventoryHost>;

function hostAt(server: Pick<TestSshd, 'port' | 'user' | 'keyFile' | 'knownHostsFile'>, settings: Settings = {}) {
  const { port, user, keyFile, knownHostsFile } = server;
  return {
    ...{ name: 'node1', address: '127.0.0.1', port, user, keyFile, knownHostsFile, become: 'none', groups: [] },
    ...settings,
  } as const satisfies InventoryHost;
}

/** One host's executor, closed at the end of the test. */
function open(host: InventoryHost, options: ConnectHostsOptions = {}) {
  const connections = connectHosts([host], options);
  onTestFinished(() => connections.close());
  return connections.executor(host.name);
}

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-ssh-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function knownHosts(...lines: string[]): Promise<string> {
  const file = join(await tempFolder(), 'known_hosts');
  await writeFile(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  return file;
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error as Error & { where?: string; hint?: string },
  );

describe('commands', () => {
  test('arguments, stdin, environment, output and code arrive as they are', async () => {
    const host = open(hostAt(sshd));
    const result = await host.script('cat; printf %s "$1" "$MARK" >&2; exit 7', [`a 'b' "$c" \\ \n`], {
      stdin: 'from stdin',
      env: { MARK: '<é>' },
    });
    expect(result).toMatchObject({ code: 7, signal: null, stdout: 'from stdin', stderr: `a 'b' "$c" \\ \n<é>` });
    expect((await host.run(['sh', '-c', 'kill -9 $$'])).signal).toBe('SIGKILL');
    expect((await host.run(['no-such-program'])).code).toBe(127);
  });

  test('all commands of a host share one connection, with more at once than MaxSessions allows', async () => {
    await using proxy = await startTcpProxy(sshd.port);
    const [line = ''] = sshd.hostKeys;
    const host = open(
      hostAt(sshd, { port: proxy.port, knownHostsFile: await knownHosts(`[127.0.0.1]:${proxy.port} ${line}`) }),
    );
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, i) => host.run(['sh', '-c', `sleep 0.05; echo ${i}`])),
    );
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
    expect(proxy.accepted).toBe(1);
  });

  test('a command over its time limit is ended with all that it started', async () => {
    const host = open(hostAt(sshd));
    const marker = `${31_000 + Math.floor(Math.random() * 900)}`;
    const error = await failure(host.run(['sh', '-c', `sleep ${marker} & sleep ${marker}`], { timeoutMs: 400 }));
    expect(error).toBeInstanceOf(CommandTimeoutError);
    expect(error.where).toBe('node1');
    const left = await host.script('ps -eo args | grep "^sleep $1" || true', [marker]);
    expect(left.stdout).toBe('');
  });

  test('an abort ends the command there, also one that ignores SIGTERM', async () => {
    const host = open(hostAt(sshd));
    const interruption = new AbortController();
    const marker = `${32_000 + Math.floor(Math.random() * 900)}`;
    const onStdout = () => interruption.abort(new InterruptedError());
    const running = host.run(['sh', '-c', `trap '' TERM; echo up; sleep ${marker}; sleep ${marker}`], {
      signal: interruption.signal,
      onStdout,
    });
    expect(await failure(running)).toBeInstanceOf(InterruptedError);
    const left = await host.script('ps -eo args | grep "^sleep $1" || true', [marker]);
    expect(left.stdout).toBe('');
  });

  test('a connection that is cut in the middle is an error of its own; the next command connects anew', async () => {
    await using proxy = await startTcpProxy(sshd.port);
    const knownHostsFile = await knownHosts(`[127.0.0.1]:${proxy.port} ${sshd.hostKeys[0]}`);
    const host = open(hostAt(sshd, { port: proxy.port, knownHostsFile }));
    const error = await failure(
      host.run(['sh', '-c', 'echo up; sleep 30'], {
        onStdout: () => {
          proxy.cut();
          proxy.heal();
        },
      }),
    );
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect(error.message).toContain('not known');
    expect((await host.run(['echo', 'again'])).stdout).toBe('again\n');
  });

  test('a silent network is noticed by keepalives', async () => {
    await using proxy = await startTcpProxy(sshd.port);
    const knownHostsFile = await knownHosts(`[127.0.0.1]:${proxy.port} ${sshd.hostKeys[0]}`);
    const host = open(hostAt(sshd, { port: proxy.port, knownHostsFile }), { keepaliveMs: 100 });
    const error = await failure(host.run(['sh', '-c', 'echo up; sleep 30'], { onStdout: () => proxy.blackhole() }));
    expect(error).toBeInstanceOf(ConnectionLostError);
  });

  test('fetch reads from an offset; a missing file is named', async () => {
    const host = open(hostAt(sshd));
    const path = join(await tempFolder(), 'data');
    await writeFile(path, Buffer.from([0, 255, 1, 254, 10, 13]));
    expect(await host.fetch(path)).toEqual(Buffer.from([0, 255, 1, 254, 10, 13]));
    expect(await host.fetch(path, 3)).toEqual(Buffer.from([254, 10, 13]));
    expect((await failure(host.fetch(`${path}-not`))).message).toContain(`${path}-not`);
  });
});

describe('host keys', () => {
  const place = () => `[127.0.0.1]:${sshd.port}`;
  const otherKey = async () => {
    const path = join(await tempFolder(), 'key');
    await makeKey(path, 'ed25519');
    return (await readFile(`${path}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  };
  const hashed = async (...lines: string[]) => {
    const file = await knownHosts(...lines);
    await promisify(execFile)('ssh-keygen', ['-q', '-H', '-f', file]);
    return file;
  };

  test('every form in which ssh knows a host is known here', async () => {
    const [ed25519, ecdsa, rsa] = sshd.hostKeys;
    const files = [
      await knownHosts(`${place()} ${ed25519}`),
      await hashed(`${place()} ${ed25519}`),
      await knownHosts(`[127.0.0.*]:* ${ecdsa}`),
      await knownHosts(`127.0.0.1 ${rsa}`),
      await knownHosts('# comment', `${place()} ${await otherKey()}`, `other,${place()} ${ed25519}`),
    ];
    for (const knownHostsFile of files) {
      expect((await open(hostAt(sshd, { knownHostsFile })).run(['true'])).code).toBe(0);
    }
  });

  test('an unknown key is refused, with its fingerprint', async () => {
    const knownHostsFile = await knownHosts(`![127.0.0.1]:${sshd.port},* ${await otherKey()}`);
    const error = await failure(open(hostAt(sshd, { knownHostsFile })).run(['true']));
    expect(error).toBeInstanceOf(HostKeyError);
    expect(error).toMatchObject({ reason: 'unknown', where: 'node1' });
    expect(error.message).toContain(fingerprint(sshd.hostKeys[0]!.split(' ')[1]!));
    expect(error.hint).toContain('--accept-new');
  });

  test('a changed key is refused, with both fingerprints and the line, and whatever --accept-new says', async () => {
    const other = await otherKey();
    const knownHostsFile = await knownHosts('# mine', `${place()} ${other}`);
    const error = await failure(open(hostAt(sshd, { knownHostsFile }), { acceptNew: true }).run(['true']));
    expect(error).toMatchObject({ reason: 'changed', where: 'node1' });
    expect(error.message).toContain(`${knownHostsFile}:2`);
    expect(error.message).toContain(fingerprint(other.split(' ')[1]!));
    expect(error.message).toContain(fingerprint(sshd.hostKeys[0]!.split(' ')[1]!));
  });

  test('a revoked key is refused, although another line knows it', async () => {
    const [ed25519] = sshd.hostKeys;
    const knownHostsFile = await knownHosts(`${place()} ${ed25519}`, `@revoked * ${ed25519}`);
    const error = await failure(open(hostAt(sshd, { knownHostsFile })).run(['true']));
    expect(error).toMatchObject({ reason: 'revoked' });
  });

  test('a certificate authority alone does not make a host known, and that is said', async () => {
    const knownHostsFile = await knownHosts(`@cert-authority * ${await otherKey()}`);
    const error = await failure(open(hostAt(sshd, { knownHostsFile })).run(['true']));
    expect(error).toMatchObject({ reason: 'unknown', hint: expect.stringContaining(`${knownHostsFile}:1`) });
  });

  test('a file that cannot be read is named', async () => {
    const knownHostsFile = await tempFolder();
    const error = await failure(open(hostAt(sshd, { knownHostsFile })).run(['true']));
    expect(error).toMatchObject({ where: knownHostsFile, message: expect.stringContaining('EISDIR') });
  });

  test('--accept-new remembers a key, once, for everybody and for the next time', async () => {
    const knownHostsFile = join(await tempFolder(), 'made', 'known_hosts');
    const hosts = ['a', 'b', 'c'].map((name) => hostAt(sshd, { name, knownHostsFile }));
    await using connections = connectHosts(hosts, { acceptNew: true });
    await Promise.all(hosts.map(({ name }) => connections.executor(name).run(['true'])));
    expect((await readFile(knownHostsFile, 'utf8')).split('\n')).toHaveLength(2);
    expect((await stat(knownHostsFile)).mode & 0o777).toBe(0o600);
    expect((await open(hostAt(sshd, { knownHostsFile })).run(['true'])).code).toBe(0);
  });

  test('a person is asked once; the answer may take longer than the time limit', async () => {
    const knownHostsFile = await knownHosts();
    const confirm = vi.fn(async (_question: string) => {
      await new Promise((resolve) => setTimeout(resolve, 3300));
      return true;
    });
    const prompt = { confirm, secret: () => expect.fail('no secret is needed') };
    const hosts = ['a', 'b'].map((name) => hostAt(sshd, { name, knownHostsFile }));
    await using connections = connectHosts(hosts, { prompt, connectTimeoutMs: 3000 });
    await Promise.all(hosts.map(({ name }) => connections.executor(name).run(['true'])));
    expect(confirm).toHaveBeenCalledOnce();
    expect(confirm.mock.calls[0]?.[0]).toContain('SHA256:');
  });
});

describe('jump hosts', () => {
  test('two hops, each with its own key checked, through one connection for all behind them', async () => {
    await using far = await startSshd();
    await using proxy = await startTcpProxy(sshd.port);
    const first = hostAt(sshd, {
      name: 'jump1',
      port: proxy.port,
      knownHostsFile: await knownHosts(`[127.0.0.1]:${proxy.port} ${sshd.hostKeys[0]}`),
    });
    const second = hostAt(far, { name: 'jump2' });
    const hosts = ['a', 'b', 'c', 'd'].map((name) => hostAt(sshd, { name, jumpHosts: [first, second] }));
    await using connections = connectHosts(hosts);
    const results = await fanOut(hosts, ({ name }) => connections.executor(name).run(['sh', '-c', 'echo $SSH_CLIENT']));
    expect(results.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(proxy.accepted).toBe(1);
  });

  test('an unknown key in the middle stops it there', async () => {
    await using far = await startSshd();
    const hop = hostAt(far, { name: 'jump2', knownHostsFile: await knownHosts() });
    const error = await failure(
      open(hostAt(sshd, { jumpHosts: [hostAt(sshd, { name: 'jump1' }), hop] })).run(['true']),
    );
    expect(error).toMatchObject({ reason: 'unknown', where: 'jump2' });
  });

  test('what a jump host cannot reach is named', async () => {
    const error = await failure(
      open(hostAt(sshd, { port: 9, jumpHosts: [hostAt(sshd, { name: 'j' })] })).run(['true']),
    );
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.message).toContain('j cannot reach 127.0.0.1:9');
  });
});

describe('logging in', () => {
  test('a refused key says what was tried', async () => {
    const keyFile = join(await tempFolder(), 'key');
    await makeKey(keyFile, 'ed25519');
    const error = await failure(open(hostAt(sshd, { keyFile })).run(['true']));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toContain('publickey');
    expect(error.where).toBe('node1');
  });

  test('a key file that is not there is wrong input', async () => {
    const error = await failure(open(hostAt(sshd, { keyFile: '/no/such/key' })).run(['true']));
    expect(error).toBeInstanceOf(InputError);
    expect(error.where).toBe('/no/such/key');
  });

  describe('with an encrypted key', () => {
    let locked: TestSshd & { passphrase: string };
    beforeAll(async () => {
      const server = await startSshd();
      await promisify(execFile)('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', server.keyFile]);
      locked = { ...server, passphrase: 'open sesame' };
    });
    afterAll(() => locked.stop());

    test('nothing opens it', async () => {
      const error = await failure(open(hostAt(locked)).run(['true']));
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toContain('encrypted');
    });

    test('the passphrase is asked for once for all hosts', async () => {
      const secret = vi.fn(async () => locked.passphrase);
      const prompt = { confirm: async () => false, secret };
      const hosts = ['a', 'b'].map((name) => hostAt(locked, { name }));
      await using connections = connectHosts(hosts, { prompt });
      await Promise.all(hosts.map(({ name }) => connections.executor(name).run(['true'])));
      expect(secret).toHaveBeenCalledOnce();
    });

    test('a wrong passphrase is said', async () => {
      vi.stubEnv('ETCDPERF_SSH_PASSPHRASE', 'wrong');
      onTestFinished(() => void vi.unstubAllEnvs());
      const error = await failure(open(hostAt(locked)).run(['true']));
      expect(error.message).toContain('passphrase');
      expect(error.message).not.toContain('wrong');
    });

    test('the environment opens it', async () => {
      vi.stubEnv('ETCDPERF_SSH_PASSPHRASE', locked.passphrase);
      onTestFinished(() => void vi.unstubAllEnvs());
      expect((await open(hostAt(locked)).run(['true'])).code).toBe(0);
    });

    test('the agent has it, among more keys than sshd lets one try', async () => {
      const folder = await tempFolder();
      const socket = join(folder, 'agent');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
      onTestFinished(() => void agent.kill());
      await once(agent.stdout, 'data');
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      for (let i = 0; i < 7; i++) {
        await makeKey(join(folder, `k${i}`), 'ed25519');
        await promisify(execFile)('ssh-add', ['-q', join(folder, `k${i}`)], { env });
      }
      await promisify(execFile)('cp', [locked.keyFile, join(folder, 'clear')]);
      await promisify(execFile)('ssh-keygen', [
        '-q',
        '-p',
        '-P',
        locked.passphrase,
        '-N',
        '',
        '-f',
        join(folder, 'clear'),
      ]);
      await promisify(execFile)('ssh-add', ['-q', join(folder, 'clear')], { env });
      vi.stubEnv('SSH_AUTH_SOCK', socket);
      onTestFinished(() => void vi.unstubAllEnvs());
      expect((await open(hostAt(locked)).run(['true'])).code).toBe(0);
    });
  });
});

describe('hosts that are not there', () => {
  test('a closed port, an unknown name, a host that never answers', async () => {
    // Accepts and says nothing: what a firewall or a hung machine looks like.
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const hosts = [
      hostAt(sshd, { name: 'up' }),
      hostAt(sshd, { name: 'closed', port: 9 }),
      hostAt(sshd, { name: 'nameless', address: 'no-such-host.invalid' }),
      hostAt(sshd, { name: 'silent', port }),
    ];
    await using connections = connectHosts(hosts, { connectTimeoutMs: 800 });
    const results = await fanOut(hosts, ({ name }) => connections.executor(name).run(['true']), { forks: 4 });
    expect(results.map(({ status }) => status)).toEqual(['ok', 'failed', 'failed', 'failed']);
    const said = results.map((result) => (result.status === 'failed' ? result.error.message : ''));
    expect(said[1]).toContain('connection refused');
    expect(said[2]).toContain('name');
    expect(said[3]).toContain('no answer within 800 ms');
    for (const result of results) if (result.status === 'failed') expect(result.error).toBeInstanceOf(ConnectError);
  });

  test('an sshd that drops connection starts is tried again', async () => {
    await using busy = await startSshd({ config: ['MaxStartups 3:50:6'] });
    const hosts = Array.from({ length: 16 }, (_, i) => hostAt(busy, { name: `n${i}` }));
    await using connections = connectHosts(hosts);
    const results = await fanOut(hosts, ({ name }) => connections.executor(name).run(['true']));
    expect(results.filter(({ status }) => status === 'ok')).toHaveLength(16);
  });

  test('an abort ends a connection that is being made', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const interruption = new AbortController();
    const running = open(hostAt(sshd, { port }), { signal: interruption.signal }).run(['true']);
    silent.once('connection', () => interruption.abort(new InterruptedError()));
    expect(await failure(running)).toBeInstanceOf(InterruptedError);
  });
});
