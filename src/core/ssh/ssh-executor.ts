import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { ClientChannel } from 'ssh2';
import { abortReason, OperationError } from '../errors/index.ts';
import { Channels, type Exit } from './channels.ts';
import { COMMAND_MARK, endMarkedArgv } from './end-marked.ts';
import type { Executor, PushContent, PushOptions, PushResult, RunOptions, RunResult } from './executor.ts';
import { commandTimeout } from './local-executor.ts';
import type { LoggedIn } from './log-in.ts';
import { OutputCollector } from './output-collector.ts';
import { pushFile } from './push-file.ts';
import { quoteArgv } from './quote-argv.ts';
import { findSudo, type Sudo, sudoArgv, withoutQuestion } from './sudo.ts';

/** sshd's MaxSessions is 10 by default. Two are kept for ending commands: that must not wait for those to end. */
const MAX_COMMANDS = 8;
const MAX_ENDINGS = 2;
/** How long a host may take to end a command before it is given up: it may be what broke. */
const ENDING_MS = 10_000;

export interface SshExecutorOptions {
  readonly name: string;
  readonly user: string;
  readonly become: 'none' | 'sudo';
  /** Asked for when sudo wants one. */
  readonly becomePassword?: (() => Promise<string | undefined>) | undefined;
}

/** One host over one connection, which all its commands share. */
export class SshExecutor implements Executor {
  readonly kind = 'ssh';
  readonly name: string;
  readonly #connection: LoggedIn;
  readonly #options: SshExecutorOptions;
  readonly #channels: Channels;
  readonly #commands = pLimit(MAX_COMMANDS);
  readonly #endings = pLimit(MAX_ENDINGS);
  #sudo: Promise<Sudo> | undefined;

  constructor(connection: LoggedIn, options: SshExecutorOptions) {
    this.name = options.name;
    this.#connection = connection;
    this.#options = options;
    this.#channels = new Channels(connection.client, options.name);
  }

  /** False once the connection has broken: a new executor is needed then. */
  get alive(): boolean {
    return this.#channels.alive;
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#commands(() => this.#run(argv, options));
  }

  async script(source: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
    return this.run(['sh', '-c', source, 'sh', ...args], options);
  }

  push(content: PushContent, remotePath: string, options: PushOptions = {}): Promise<PushResult> {
    const runScript = (source: string, args: readonly string[], run: RunOptions) => this.script(source, args, run);
    return pushFile(runScript, this.name, content, remotePath, options);
  }

  async fetch(remotePath: string, offset = 0, options: { readonly signal?: AbortSignal } = {}): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let said = '';
    const result = await this.run(['tail', '-c', `+${offset + 1}`, '--', remotePath], {
      ...options,
      gather: false,
      onStdout: (chunk) => chunks.push(chunk),
      onStderr: (chunk) => {
        said += chunk.toString();
      },
    });
    if (result.code === 0) return Buffer.concat(chunks);
    const why = said.trim().split(': ').at(-1) || `tail ended with ${result.code ?? result.signal}`;
    throw new OperationError(`cannot read ${remotePath}: ${why}`, { where: this.name });
  }

  async close(): Promise<void> {
    this.#channels.lose(new Error('closed'));
    await this.#connection.end();
  }

  async #run(argv: readonly string[], options: RunOptions): Promise<RunResult> {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) throw abortReason(signal);
    const become = (options.become ?? this.#options.become === 'sudo') && this.#options.user !== 'root';
    const sudo = become ? await this.#findSudo() : undefined;
    const mark = randomBytes(9).toString('hex');
    const startedAt = performance.now();
    let exit: Exit | undefined;
    const onExit = (found: Exit) => {
      exit = found;
    };
    const channel = await this.#channels.exec(this.#commandLine(argv, options, sudo, mark), onExit, signal);
    const output = new OutputCollector(options);
    const closed = Promise.withResolvers<void>();
    let isClosed = false;
    channel.on('close', () => {
      isClosed = true;
      closed.resolve();
    });
    channel.on('error', closed.reject);
    channel.on('data', output.stdout);
    const flush = feed(channel, options.stdin, sudo, mark, output.stderr);

    let why: Error | undefined;
    let ended: Promise<void> | undefined;
    const end = (reason: Error) => {
      if (why !== undefined) return;
      why = reason;
      const isOver = () => isClosed || exit !== undefined;
      ended = this.#endMarked(mark, become, isOver).then(() => {
        channel.close();
        closed.resolve();
      });
    };
    const onAbort = () => end(abortReason(signal!));
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const onTime = () => end(commandTimeout(argv, timeoutMs!, this.name));
    const timer = timeoutMs === undefined ? undefined : setTimeout(onTime, timeoutMs);
    try {
      await closed.promise;
      flush();
      // Not before all is ended: the caller may close the connection next.
      await ended;
      if (why !== undefined) throw why;
      if (exit === undefined) throw this.#channels.lostError(argv[0]);
      return { ...exit, ...output.texts(), durationMs: performance.now() - startedAt };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #commandLine(argv: readonly string[], { env }: RunOptions, sudo: Sudo | undefined, mark: string): string {
    const variables = Object.entries({ ...env, [COMMAND_MARK]: mark }).map(([name, value]) => `${name}=${value}`);
    const marked = ['env', ...variables, ...argv];
    return quoteArgv(sudo === undefined ? marked : sudoArgv(sudo, marked, question(mark)));
  }

  /** Once is not enough where the command was only about to start. Best effort, and never for long. */
  async #endMarked(mark: string, become: boolean, isOver: () => boolean): Promise<void> {
    const done = new AbortController();
    const { signal } = done;
    const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined);
    const endAll = async () => {
      do {
        await this.#endings(() => this.#run(endMarkedArgv(mark), { become }));
        if (!isOver()) await pause(100);
      } while (!isOver() && !signal.aborted);
    };
    await Promise.race([endAll().catch(() => undefined), pause(ENDING_MS)]);
    done.abort();
  }

  /** Found out once. Not under one command's signal: others wait for the same answer. */
  #findSudo(): Promise<Sudo> {
    this.#sudo ??= findSudo({
      host: this.name,
      user: this.#options.user,
      run: (argv, stdin) => this.#run(argv, { become: false, timeoutMs: 30_000, stdin }),
      password: async () => this.#options.becomePassword?.(),
    });
    this.#sudo.catch(() => {
      this.#sudo = undefined;
    });
    return this.#sudo;
  }
}

/** What sudo prints when it waits for the password of the command with this mark. */
function question(mark: string): string {
  return `etcdperf-${mark}:`;
}

/** Writes `stdin` to the command, after the password where sudo asks for one. What is returned ends stderr. */
function feed(
  channel: ClientChannel,
  stdin: RunOptions['stdin'],
  sudo: Sudo | undefined,
  mark: string,
  onStderr: (chunk: Buffer) => void,
): () => void {
  if (sudo?.kind !== 'password') {
    channel.stderr.on('data', onStderr);
    void write(channel, stdin);
    return () => undefined;
  }
  const answer = () => {
    channel.write(`${sudo.password}\n`);
    void write(channel, stdin);
  };
  const stderr = withoutQuestion(question(mark), answer, onStderr);
  channel.stderr.on('data', stderr.push);
  return stderr.end;
}

/** Writes all of `stdin` and its end; a reader that stops reading is the command's own business. */
async function write(channel: ClientChannel, stdin: RunOptions['stdin']): Promise<void> {
  if (stdin === undefined) return void channel.end();
  const source = stdin instanceof Readable ? stdin : Readable.from([stdin]);
  await pipeline(source, channel).catch(() => {});
}
