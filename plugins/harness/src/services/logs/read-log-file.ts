import { setTimeout as delay } from 'node:timers/promises';
import { OperationError } from '@etcdperf/core/errors';
import { ConnectError, ConnectionLostError, type Executor } from '@etcdperf/core/ssh';
import { LineFeed } from './line-feed.ts';
import type { LogWindow, ReadLogOptions } from './log-source.ts';
import { timeOfLine } from './parse-log-line.ts';

/** Below this a file is read from its beginning: cheaper than looking for where a time begins. */
const SMALL_BYTES = 4_000_000;
/** How much is looked at for a time; etcd's lines are seldom longer than some hundred bytes. */
const PROBE_BYTES = 65_536;
/** Before a connection that broke is tried again. */
const RETRY_MS = 1000;

/** Arguments: file, first byte (from 1), number of bytes. */
const READ_SCRIPT = 'tail -c "+$2" -- "$1" | head -c "$3"';

/** Size of the file, then of its newest lines (none: 0), as they are at one moment. */
const SIZE_SCRIPT = `
tries=0
while :; do
  size=$(wc -c <"$1") || exit 1
  if [ "$2" = none ]; then newest=0; else newest=$(tail -n "$2" -- "$1" | wc -c); fi
  tries=$((tries + 1))
  [ "$tries" -lt 10 ] && [ "$(wc -c <"$1")" -ne "$size" ] || break
done
echo "$size $newest"
`;

/** A log file on a host. Only what the window needs is transferred, however large the file. */
export async function readLogFile(executor: Executor, path: string, options: ReadLogOptions): Promise<void> {
  const { window, follow, signal } = options;
  const { size, start } = await startOf(executor, path, window, signal);
  if (follow) return followFile(executor, path, start, options);
  const until = window.untilMs;
  const end = until === undefined ? size : (await findTime(executor, path, size, (atMs) => atMs > until, signal)).after;
  if (end <= start) return;
  const feed = new LineFeed(options.onLines);
  const result = await executor.script(READ_SCRIPT, [path, String(start + 1), String(end - start)], {
    ...{ gather: false, signal },
    onStdout: feed.push,
    onStderr: feed.complain,
  });
  feed.check();
  if (result.code !== 0) throw unreadable(executor, path, feed.said);
}

async function followFile(executor: Executor, path: string, start: number, options: ReadLogOptions): Promise<void> {
  const { signal, onNote } = options;
  let from = start;
  for (;;) {
    const stop = new AbortController();
    const feed = new LineFeed(options.onLines, () => stop.abort());
    const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    try {
      const result = await executor.run(['tail', '-c', `+${from + 1}`, '-F', '--', path], {
        ...{ gather: false, signal: either },
        onStdout: feed.push,
        onStderr: feed.complain,
      });
      throw unreadable(executor, path, feed.said || `tail ended with ${result.code ?? result.signal}`);
    } catch (error) {
      feed.check();
      if (signal?.aborted) return;
      // It stood before: a host that goes away in the middle may come back.
      const isLost = error instanceof ConnectionLostError;
      if (!isLost && !(error instanceof ConnectError)) throw error;
      from += feed.bytes;
      if (isLost) onNote(`the connection to ${executor.name} broke; the log is taken up again where it ended`);
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function startOf(
  executor: Executor,
  path: string,
  window: LogWindow,
  signal: AbortSignal | undefined,
): Promise<{ readonly size: number; readonly start: number }> {
  const { last, sinceMs } = window;
  const result = await executor.script(SIZE_SCRIPT, [path, last === undefined ? 'none' : String(last)], { signal });
  if (result.code !== 0) throw unreadable(executor, path, result.stderr);
  const [size = 0, newest = 0] = result.stdout.trim().split(/\s+/).map(Number);
  const found =
    sinceMs === undefined ? undefined : await findTime(executor, path, size, (atMs) => atMs >= sinceMs, signal);
  return { size, start: Math.max(found?.before ?? 0, last === undefined ? 0 : size - newest) };
}

/**
 * Where in the file a time lies, as two bytes: no line that begins before `before` is beyond it, all that begin at
 * `after` or later are. Found by halving, as times in a log grow; a small file is not looked into.
 */
async function findTime(
  executor: Executor,
  path: string,
  size: number,
  isBeyond: (atMs: number) => boolean,
  signal: AbortSignal | undefined,
): Promise<{ readonly before: number; readonly after: number }> {
  let [before, after] = [0, size];
  while (after - before > SMALL_BYTES) {
    const middle = Math.floor((before + after) / 2);
    const chunks: Buffer[] = [];
    const result = await executor.script(READ_SCRIPT, [path, String(middle + 1), String(PROBE_BYTES)], {
      ...{ gather: false, signal },
      onStdout: (chunk) => void chunks.push(chunk),
    });
    if (result.code !== 0) throw unreadable(executor, path, `the probe ended with ${result.code ?? result.signal}`);
    const found = firstTime(Buffer.concat(chunks));
    // Nothing with a time for so long, as in a stack of a thousand goroutines: what is found so far will do.
    if (found === undefined) break;
    if (isBeyond(found.atMs)) after = middle + found.offset;
    else before = middle + found.offset;
  }
  return { before, after };
}

/** The first whole line that has a time, and where in the bytes it begins. */
function firstTime(bytes: Buffer): { readonly offset: number; readonly atMs: number } | undefined {
  let start = bytes.indexOf(10) + 1;
  while (start > 0) {
    const end = bytes.indexOf(10, start);
    if (end === -1) return undefined;
    const atMs = timeOfLine(bytes.toString('utf8', start, end));
    if (atMs !== undefined) return { offset: start, atMs };
    start = end + 1;
  }
  return undefined;
}

function unreadable(executor: Executor, path: string, said: string): OperationError {
  const why = said.trim().split('\n').at(-1)?.split(': ').at(-1) ?? '';
  return new OperationError(`can't read ${path}: ${why || 'no reason was given'}`, { where: executor.name });
}
