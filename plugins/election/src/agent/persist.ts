import { setTimeout as sleep } from 'node:timers/promises';
import { WireError } from '@etcdperf/core/wire';
import type { ProblemLog } from './problem-log.ts';

const retryMs = 100;

/**
 * Does again, until `signal` is aborted, what etcd refused or did not answer. For work that can't do harm twice: reads,
 * records, and writes that are fenced. Answers undefined when it was aborted.
 *
 * @param isPassing which refusals are worth another try; the others it rejects with. Default: all are
 */
export async function persist<T>(
  work: () => Promise<T>,
  problems: ProblemLog,
  signal: AbortSignal,
  isPassing: (error: WireError) => boolean = () => true,
): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof WireError && isPassing(error))) throw error;
      problems.tell(error);
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

/** The members are electing a leader: at the start of a process, the one refusal that is no fault of its configuration. */
export function isLeaderless({ reason }: WireError): boolean {
  return reason === 'no-leader' || reason === 'server-timeout';
}
