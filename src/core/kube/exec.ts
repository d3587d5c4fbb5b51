import { abortReason, OperationError } from '../errors/index.ts';
import type { ApiServer } from './api-server.ts';
import type { Channel } from './channel.ts';
import type { ExecOptions, ExecResult } from './kube.ts';
import { KubeError, KubeUnreachableError } from './kube-error.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
/** Of protocol 5: ends the stream that the next byte names. */
const CLOSE = 255;
const STDIN_CHUNK = 64 * 1024;

/** What the status stream carries when the command is over. */
interface ExitStatus {
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly causes?: readonly { readonly reason: string; readonly message: string }[] };
}

/** Runs a command in a container. `where` names the container in errors. */
export async function exec(
  api: ApiServer,
  { path, argv, where }: { readonly path: string; readonly argv: readonly string[]; readonly where: string },
  { container, stdin, timeoutMs, signal, onStdout }: ExecOptions,
): Promise<ExecResult> {
  const timer = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const isOver = AbortSignal.any([signal, timer].filter((each) => each !== undefined));
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let exit: ExitStatus | undefined;
  let channel: Channel | undefined;
  // What the caller takes its time with; the socket waits meanwhile.
  let taking: Promise<void> = Promise.resolve();
  const take = (data: Buffer) => {
    if (onStdout === undefined) {
      stdout.push(data);
      return;
    }
    channel?.pause();
    taking = taking.then(() => onStdout(data)).then(() => channel?.resume());
    taking.catch(() => channel?.terminate());
  };
  const onData = (stream: number, data: Buffer) => {
    if (data.length === 0) return;
    if (stream === STDOUT) take(data);
    else if (stream === STDERR) stderr.push(data);
    else if (stream === STATUS) {
      exit = JSON.parse(data.toString('utf8'));
      channel?.close();
    }
  };
  try {
    const query = { command: argv, container, stdin: stdin !== undefined, stdout: true, stderr: true, tty: false };
    channel = await api.channel(
      { path: `${path}/exec`, query, signal: isOver, what: `run ${argv[0]} in ${where}` },
      onData,
    );
    // It may have ended already.
    if (exit !== undefined) channel.close();
    let unread: { readonly error: unknown } | undefined;
    if (stdin !== undefined)
      feed(channel, stdin).catch((error) => {
        unread = { error };
        channel?.terminate();
      });
    await channel.closed;
    await taking;
    if (unread !== undefined) throw unread.error;
  } catch (error) {
    if (timer?.aborted && !signal?.aborted) throw tooSlow(argv, where, timeoutMs!);
    throw error;
  }
  if (exit === undefined) {
    for (const ended of [signal, api.over]) if (ended?.aborted) throw abortReason(ended);
    if (timer?.aborted) throw tooSlow(argv, where, timeoutMs!);
    throw new KubeUnreachableError(`the connection was lost while ${argv[0]} ran: whether it finished is not known`, {
      where,
    });
  }
  return {
    code: codeOf(exit, argv, where),
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  };
}

/** Throws what reading the input throws. A command may end without having read all of it, which ends this too. */
async function feed(channel: Channel, stdin: NonNullable<ExecOptions['stdin']>): Promise<void> {
  const whole = typeof stdin === 'string' ? Buffer.from(stdin) : stdin;
  const pieces = whole instanceof Uint8Array ? [whole] : whole;
  for await (const piece of pieces)
    for (let from = 0; from < piece.length; from += STDIN_CHUNK)
      if (!(await isSent(channel, STDIN, piece.subarray(from, from + STDIN_CHUNK)))) return;
  // Older servers (before 1.30) can't be told: closing the channel there would lose the output and the status.
  if (channel.protocol.startsWith('v5.')) await isSent(channel, CLOSE, Uint8Array.of(STDIN));
}

async function isSent(channel: Channel, stream: number, data: Uint8Array): Promise<boolean> {
  return await channel.send(stream, data).then(
    () => true,
    () => false,
  );
}

function codeOf(
  { status, reason = '', message = '', code = 500, details }: ExitStatus,
  argv: readonly string[],
  where: string,
): number {
  if (status === 'Success') return 0;
  const exitCode = details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  if (exitCode !== undefined) return Number(exitCode);
  const isMissing = /executable file not found|no such file or directory/.test(message);
  const text = isMissing ? `the container has no ${argv[0]}` : message;
  throw new KubeError(`${argv[0]} can't be run: ${text}`, { where, status: code, reason });
}

function tooSlow(argv: readonly string[], where: string, timeoutMs: number): OperationError {
  return new OperationError(`${argv[0]} did not end within ${timeoutMs / 1000} s`, { where });
}
