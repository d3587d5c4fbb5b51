import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DeathGuard } from './death-guard.ts';
import { freePorts } from './free-ports.ts';

export interface StartSshdOptions {
  /** Host key types, as `ssh-keygen -t` names them. Default: ed25519. */
  readonly hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  /** Further lines of sshd_config; they win over ours. */
  readonly config?: readonly string[];
}

/** An OpenSSH server on 127.0.0.1 that lets this process's user in with one key. */
export interface TestSshd {
  readonly port: number;
  readonly user: string;
  /** A folder of its own, removed at the end: room for a test's files. */
  readonly folder: string;
  /** The private key that logs in. */
  readonly keyFile: string;
  /** Holds this server's keys under `[127.0.0.1]:port`. */
  readonly knownHostsFile: string;
  /** The keys' public halves: `ssh-ed25519 AAAA…`. */
  readonly hostKeys: readonly string[];
  readonly pid: number;
  log(): Promise<string>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/** Starts a real sshd on a free port. It is gone after `stop()`, and when this process ends in any other way. */
export async function startSshd(options: StartSshdOptions = {}): Promise<TestSshd> {
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-sshd-'));
  const guard = new DeathGuard(folder);
  try {
    const types = options.hostKeys ?? ['ed25519'];
    const keyFile = join(folder, 'id');
    await makeKey(keyFile, 'ed25519');
    const hostKeys: string[] = [];
    for (const type of types) {
      await makeKey(join(folder, `host_${type}`), type);
      const [kind, blob] = (await readFile(join(folder, `host_${type}.pub`), 'utf8')).split(' ');
      hostKeys.push(`${kind} ${blob}`);
    }
    const [port = 0] = await freePorts(1);
    const knownHostsFile = join(folder, 'known_hosts');
    await writeFile(knownHostsFile, hostKeys.map((key) => `[127.0.0.1]:${port} ${key}\n`).join(''));
    await writeFile(
      join(folder, 'sshd_config'),
      [
        ...(options.config ?? []),
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        ...types.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
        `AuthorizedKeysFile ${join(folder, 'id.pub')}`,
        'PermitRootLogin yes',
        'StrictModes no',
        'UsePAM no',
        'PidFile none',
        '',
      ].join('\n'),
    );
    // The folder that sshd confines itself to; only its package's service start makes it.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    const logFile = join(folder, 'log');
    const child = spawn('/usr/sbin/sshd', ['-D', '-f', join(folder, 'sshd_config'), '-E', logFile], {
      stdio: 'ignore',
    });
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.pid === undefined) throw new Error('sshd could not be started: is openssh-server installed?');
    guard.watch(child.pid);
    const log = () => readFile(logFile, 'utf8').catch(() => '');
    const giveUp = Date.now() + START_TIMEOUT_MS;
    while (!(await answers(port))) {
      if (child.exitCode !== null || Date.now() > giveUp) throw new Error(`sshd did not start: ${await log()}`);
      await sleep(20);
    }
    const stop = async () => {
      child.kill();
      await gone;
      await guard.release();
    };
    const { username: user } = userInfo();
    const { pid } = child;
    return { port, user, folder, keyFile, knownHostsFile, hostKeys, pid, log, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await guard.release();
    throw error;
  }
}

/** Makes a key pair, locked where there is a passphrase. */
export async function makeKey(path: string, type: 'ed25519' | 'ecdsa' | 'rsa', passphrase = ''): Promise<void> {
  await promisify(execFile)('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path]);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('data', () => resolve(!socket.destroy().connecting));
    socket.once('error', () => resolve(false));
    // Whoever it was, it said nothing.
    socket.once('close', () => resolve(false));
  });
}
