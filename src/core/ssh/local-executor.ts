import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { abortReason, OperationError } from '../errors/index.ts';
import type { Executor, PushContent, PushOptions, PushResult, RunOptions, RunResult } from './executor.ts';
import { OutputCollector } from './output-collector.ts';
import { pushFile } from './push-file.ts';
import { CommandTimeoutError } from './ssh-error.ts';

/** How long an ended command may take to go before SIGKILL. */
const KILL_GRACE_MS = 2000;

/** This machine, with the semantics of a remote one. Each command has its own process group. */
export class LocalExecutor implements Executor {
  readonly kind = 'local';
  readonly name: string;

  constructor(name = 'localhost') {
    this.name = name;
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) throw abortReason(signal);
    const startedAt = performance.now();
    const command = options.become && process.getuid?.() !== 0 ? ['sudo', '-n', '--', ...argv] : argv;
    const [file = '', ...args] = command;
    const child = spawn(file, args, {
      detached: true,
      env: { ...process.env, ...options.env },
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const output = new OutputCollector(options);
    child.stdout?.on('data', output.stdout);
    child.stderr?.on('data', output.stderr);
    if (options.stdin !== undefined && child.stdin) void feed(options.stdin, child.stdin);

    let why: Error | undefined;
    let ended: Promise<void> | undefined;
    const end = (reason: Error) => {
      if (why !== undefined) return;
      why = reason;
      ended = endGroup(child.pid).then(() => {
        // Whoever left the group may hold the pipes: it is not waited for.
        child.stdout?.destroy();
        child.stderr?.destroy();
      });
    };
    const onAbort = () => end(abortReason(signal!));
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => end(commandTimeout(argv, timeoutMs, this.name)), timeoutMs);
    try {
      const { promise, resolve, reject } = Promise.withResolvers<Pick<RunResult, 'code' | 'signal'>>();
      child.once('error', (error: NodeJS.ErrnoException) => {
        // Like a shell: 127 not found, 126 not executable, so that both connectors answer alike.
        const code = error.code === 'ENOENT' ? 127 : error.code === 'EACCES' ? 126 : undefined;
        if (code === undefined) return reject(new OperationError(error.message, { where: this.name, cause: error }));
        output.stderr(Buffer.from(`${file}: ${code === 127 ? 'not found' : 'permission denied'}\n`));
        resolve({ code, signal: null });
      });
      child.once('close', (code, killedBy) => resolve({ code, signal: killedBy }));
      const outcome = await promise;
      await ended;
      if (why !== undefined) throw why;
      return { ...outcome, ...output.texts(), durationMs: performance.now() - startedAt };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  script(source: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
    return this.run(['sh', '-c', source, 'sh', ...args], options);
  }

  push(content: PushContent, remotePath: string, options: PushOptions = {}): Promise<PushResult> {
    const runScript = (source: string, args: readonly string[], run: RunOptions) => this.script(source, args, run);
    return pushFile(runScript, this.name, content, remotePath, options);
  }

  async fetch(remotePath: string, offset = 0): Promise<Buffer> {
    try {
      await using file = await open(remotePath);
      const chunks: Buffer[] = [];
      for await (const chunk of file.createReadStream({ start: offset, autoClose: false }))
        chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    } catch (error) {
      throw new OperationError(`cannot read ${remotePath}: ${(error as Error).message}`, {
        where: this.name,
        cause: error,
      });
    }
  }

  async close(): Promise<void> {}
}

/** The error for a command that outlived its limit. */
export function commandTimeout(argv: readonly string[], timeoutMs: number, where: string): CommandTimeoutError {
  const [name = ''] = argv;
  return new CommandTimeoutError(`${name} did not finish within ${timeoutMs} ms and was ended`, {
    where,
    hint: 'give it a longer time limit, or look at the host: it may be overloaded',
  });
}

/** Writes all of `stdin`; a reader that stops reading (EPIPE) is the command's own business. */
async function feed(stdin: string | Buffer | Readable, into: NodeJS.WritableStream): Promise<void> {
  const source = stdin instanceof Readable ? stdin : Readable.from([stdin]);
  await pipeline(source, into).catch(() => {});
}

/** Ends a command's process group: politely, and by force what is left after the grace time. */
async function endGroup(pid: number | undefined): Promise<void> {
  if (pid === undefined || !killGroup(pid, 'SIGTERM')) return;
  for (const end = performance.now() + KILL_GRACE_MS; performance.now() < end; ) {
    await delay(20);
    if (!killGroup(pid, 0)) return;
  }
  killGroup(pid, 'SIGKILL');
}

/** Whether there was somebody in the group. */
function killGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
