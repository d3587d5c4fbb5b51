import { OperationError } from '@etcdperf/core/errors';
import type { Executor } from '@etcdperf/core/ssh';
import { LineFeed } from './line-feed.ts';
import type { ReadLogOptions } from './log-source.ts';

export interface Journal {
  readonly unit: string;
  /** Of journal files that are not the host's own. */
  readonly directory?: string | undefined;
}

/** Messages only, as etcd wrote them: it is their own times that count. */
function journalArgv({ unit, directory }: Journal, more: readonly string[]): string[] {
  const where = directory === undefined ? [] : [`--directory=${directory}`];
  return ['journalctl', '--no-pager', '--quiet', '--output=cat', `--unit=${unit}`, ...where, ...more];
}

/** Whether a host's journal has anything of a unit. */
export async function hasJournal(executor: Executor, journal: Journal, signal?: AbortSignal): Promise<boolean> {
  const result = await executor.run(journalArgv(journal, ['--lines=1']), { signal });
  return result.code === 0 && result.stdout.trim() !== '';
}

/** What a systemd unit wrote. */
export async function readJournal(executor: Executor, journal: Journal, options: ReadLogOptions): Promise<void> {
  const { window, follow, signal, onLines } = options;
  const at = (ms: number) => `@${(ms / 1000).toFixed(3)}`;
  const argv = journalArgv(journal, [
    // The journal has a line a moment after etcd gave it its time.
    ...(window.sinceMs === undefined ? [] : [`--since=${at(window.sinceMs)}`]),
    ...(window.untilMs === undefined || follow ? [] : [`--until=${at(window.untilMs + 1000)}`]),
    ...(window.last === undefined ? (follow ? ['--lines=all'] : []) : [`--lines=${window.last}`]),
    ...(follow ? ['--follow'] : []),
  ]);
  const stop = new AbortController();
  const feed = new LineFeed(onLines, () => stop.abort());
  try {
    const result = await executor.run(argv, {
      gather: false,
      signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
      onStdout: feed.push,
      onStderr: feed.complain,
    });
    if (result.code === 0) return;
    throw new OperationError(`can't read the journal: ${feed.said.trim().split('\n').at(-1)}`, {
      where: executor.name,
      hint: 'reading it may need root (become: sudo), or the group systemd-journal',
    });
  } catch (error) {
    feed.check();
    if (follow && signal?.aborted) return;
    throw error;
  }
}
