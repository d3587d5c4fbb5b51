import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { ClientChannel } from 'ssh2';
import { OperationError } from '../errors/index.ts';
import { abortReason } from './abort-reason.ts';
import type { Executor, PushOptions, PushResult, RunOptions, RunResult } from './executor.ts';
import { commandTimeout } from './local-executor.ts';
import type { LoggedIn } from './log-in.ts';
import { OutputCollector } from './output-collector.ts';
import { pushFile } from './push-file.ts';
import { quoteArgv } from './quote-argv.ts';
import { BecomeError, ConnectionLostError } from './ssh-error.ts';

/** sshd's MaxSessions is 10 by default; some are left for others on a shared connection. */
const MAX_CHANNELS = 8;
const KILL_GRACE_MS = 2000;

/**
 * Ends all processes that a command left, found by a mark in their environment. sshd's own signal request is refused
 * for root's sessions, and closing a channel without a terminal ends nothing.
 */
const END_MARKED = `
pids=$(grep -lFs -- "ETCDPERF_COMMAND=$1" /proc/[0-9]*/environ | cut -d/ -f3)
[ -z "$pids" ] || kill -"$2" $pids
`;

export interface SshExecutorOptions {
  readonly name: string;
  readonly user: string;
  readonly become: 'none' | 'sudo';
  /** Asked for when sudo wants one. */
  readonly becomePassword?: (() => Promise<string | undefined>) | undefined;
}

/** How sudo gives root rights on this host: found out once. */
type Sudo = { readonly kind: 'free' } | { readonly kind: 'password'; readonly password: string };

/** One host over one connection, which all its commands share. */
export class SshExecutor implements Executor {
  readonly kind = 'ssh';
  readonly name: string;
  readonly #connection: LoggedIn;
  readonly #options: SshExecutorOptions;
  readonly #channels = pLimit(MAX_CHANNELS);
  #sudo: Promise<Sudo> | undefined;
  #lost: Error | undefined;

  constructor(connection: LoggedIn, options: SshExecutorOptions) {
    this.name = options.name;
    this.#connection = connection;
    this.#options = options;
    connection.client.on('error', (error) => {
      this.#lost ??= error;
    });
    connection.client.on('close', () => {
      this.#lost ??= new Error('connection closed');
    });
  }

  /** False once the connection has broken: a new executor is needed then. */
  get alive(): boolean {
    return this.#lost === undefined;
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#channels(() => this.#run(argv, options));
  }

  async script(source: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
    return this.run(['sh', '-c', source, 'sh', ...args], options);
  }

  push(
    content: Buffer | { readonly path: string },
    remotePath: string,
    options: PushOptions = {},
  ): Promise<PushResult> {
    const runScript = (source: string, args: readonly string[], run: RunOptions) => this.script(source, args, run);
    return pushFile(runScript, this.name, content, remotePath, options);
  }

  async fetch(remotePath: string, offset = 0, options: { readonly signal?: AbortSignal } = {}): Promise<Buffer> {
    const chunks: Buffer[] = [];
    const argv = ['tail', '-c', `+${offset + 1}`, '--', remotePath];
    const result = await this.run(argv, { ...options, gather: false, onStdout: (chunk) => chunks.push(chunk) });
    if (result.code === 0) return Buffer.concat(chunks);
    throw new OperationError(`cannot read ${remotePath}`, { where: this.name });
  }

  async close(): Promise<void> {
    this.#lost ??= new Error('closed');
    await this.#connection.end();
  }

  async #run(argv: readonly string[], options: RunOptions): Promise<RunResult> {
    const { signal, timeoutMs, env } = options;
    if (signal?.aborted) throw abortReason(signal);
    const become = (options.become ?? this.#options.become === 'sudo') && this.#options.user !== 'root';
    const sudo = become ? await this.#findSudo(signal) : undefined;
    const id = randomBytes(9).toString('hex');
    const marker = `etcdperf-${id}:`;
    const variables = Object.entries({ ...env, ETCDPERF_COMMAND: id }).map(([name, value]) => `${name}=${value}`);
    const withEnv = ['env', ...variables, ...argv];
    const command =
      sudo === undefined
        ? withEnv
        : sudo.kind === 'free'
          ? ['sudo', '-n', '--', ...withEnv]
          : // -k: it always asks, so the password can never be read by the command itself.
            ['sudo', '-k', '-S', '-p', marker, '--', ...withEnv];
    const startedAt = performance.now();
    let exit: Pick<RunResult, 'code' | 'signal'> | undefined;
    const onExit = (code: number | null, name?: string | null) => {
      exit = { code: code ?? null, signal: name == null ? null : `SIG${name.replace(/^SIG/, '')}` };
    };
    const channel = await this.#open(quoteArgv(command), onExit);
    const output = new OutputCollector(options);
    let onPassword: (() => void) | undefined;
    if (sudo?.kind === 'password') {
      const { promise, resolve } = Promise.withResolvers<void>();
      onPassword = resolve;
      void promise.then(() => {
        channel.write(`${sudo.password}\n`);
        void feed(options.stdin, channel);
      });
    } else void feed(options.stdin, channel);
    channel.on('data', output.stdout);
    channel.stderr.on('data', (chunk: Buffer) => {
      if (onPassword !== undefined && chunk.includes(marker)) {
        onPassword();
        onPassword = undefined;
        const rest = chunk.toString('latin1').replace(marker, '');
        if (rest !== '') output.stderr(Buffer.from(rest, 'latin1'));
      } else output.stderr(chunk);
    });

    let why: Error | undefined;
    const { promise, resolve, reject } = Promise.withResolvers<Pick<RunResult, 'code' | 'signal'>>();
    const end = (reason: Error) => {
      if (why !== undefined) return;
      why = reason;
      void this.#endMarked(id, 'TERM', become);
      setTimeout(() => {
        if (exit !== undefined) return;
        void this.#endMarked(id, 'KILL', become).finally(() => {
          channel.close();
          reject(reason);
        });
      }, KILL_GRACE_MS).unref();
    };
    const onAbort = () => end(abortReason(signal!));
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => end(commandTimeout(argv, timeoutMs, this.name)), timeoutMs);
    channel.on('close', () => {
      if (exit !== undefined) resolve(exit);
      else reject(why ?? this.#lostError(argv));
    });
    channel.on('error', (error: Error) => reject(why ?? error));
    try {
      const outcome = await promise;
      if (why !== undefined) throw why;
      return { ...outcome, ...output.texts(), durationMs: performance.now() - startedAt };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Best effort: the connection may be what broke. */
  async #endMarked(id: string, signal: 'TERM' | 'KILL', become: boolean): Promise<void> {
    const argv = ['sh', '-c', END_MARKED, 'sh', id, signal];
    const ended = this.#run(argv, { become }).catch(() => undefined);
    await Promise.race([ended, delay(KILL_GRACE_MS, undefined, { ref: false })]);
  }

  /** `onExit` listens before anything is awaited: a quick command's exit comes in the same packet as its channel. */
  #open(command: string, onExit: (code: number | null, name?: string | null) => void): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) return reject(this.#lostError([]));
      this.#connection.client.exec(command, (error, channel) => {
        if (error === undefined) return resolve(channel.on('exit', onExit));
        reject(
          this.#lost !== undefined
            ? this.#lostError([])
            : new OperationError(`the host opens no channel: ${error.message}`, { where: this.name, cause: error }),
        );
      });
    });
  }

  #lostError([program]: readonly string[]): ConnectionLostError {
    const during = program === undefined ? '' : ` while ${program} ran: whether it finished is not known`;
    return new ConnectionLostError(`the connection was lost${during}`, {
      where: this.name,
      hint: 'is the host still up? Running the same again is safe',
      cause: this.#lost,
    });
  }

  /** Whether sudo lets us in without a password, or with the one we have. Throws BecomeError where it doesn't. */
  #findSudo(signal: AbortSignal | undefined): Promise<Sudo> {
    this.#sudo ??= this.#trySudo(signal).catch((error: unknown) => {
      this.#sudo = undefined;
      throw error;
    });
    return this.#sudo;
  }

  async #trySudo(signal: AbortSignal | undefined): Promise<Sudo> {
    const options = { become: false, signal, timeoutMs: 30_000 };
    const free = await this.#run(['sudo', '-n', 'true'], options);
    if (free.code === 0) return { kind: 'free' };
    const refused = (said: string, hint: string) =>
      new BecomeError(`no root rights for ${this.#options.user}: ${said}`, { where: this.name, hint });
    const said = free.stderr.trim().split('\n').at(-1) ?? '';
    if (free.code === 127) throw refused('there is no sudo', 'install sudo there, or log in as root');
    const password = await this.#options.becomePassword?.();
    if (password === undefined)
      throw refused(
        said,
        "allow it in sudoers (NOPASSWD), or give the user's password with passwordFile or passwordEnv",
      );
    const stdin = `${password}\n`;
    const asked = await this.#run(['sudo', '-k', '-S', '-p', '', 'true'], { ...options, stdin });
    if (asked.code === 0) return { kind: 'password', password };
    throw refused(asked.stderr.trim().split('\n').at(-1) ?? said, 'is the password right, and the user in sudoers?');
  }
}

/** Writes all of `stdin` and its end; a reader that stops reading is the command's own business. */
async function feed(stdin: RunOptions['stdin'], channel: ClientChannel): Promise<void> {
  if (stdin === undefined) return void channel.end();
  const source = stdin instanceof Readable ? stdin : Readable.from([stdin]);
  await pipeline(source, channel).catch(() => {});
}
