import { setTimeout as sleep } from 'node:timers/promises';
import { type WireClient, WireError } from '@etcdperf/core/wire';

/** Short, because etcd takes only some 5000 writes at once and refuses the rest: thousands come here in each round. */
const retryMs = 100;

/**
 * Puts an agent's record, as often as it takes (a record is the same however often it is written). Answers false only
 * if the process is told to end first.
 */
export async function recordRound(
  client: WireClient,
  key: string,
  value: string,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await client.put(key, value);
      return true;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return false;
}
