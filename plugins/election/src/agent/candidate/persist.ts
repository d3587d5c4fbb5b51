import { setTimeout as sleep } from 'node:timers/promises';
import { WireError } from '@etcdperf/core/wire';

/** Tries again what failed for want of an etcd that answers, while the office is held: the fence makes that safe. */
export async function persist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

const retryMs = 100;
