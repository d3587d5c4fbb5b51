import { setTimeout as sleep } from 'node:timers/promises';
import { InterruptedError } from '@etcdperf/core/errors';

export interface WaitOptions {
  readonly timeoutMs: number;
  /** How long to wait between two looks, in ms. Default 100. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks until there is something to see. Returns undefined when the time is over; throws what `look` throws, and the
 * signal's reason when it is aborted.
 */
export async function waitUntil<T>(
  look: () => T | undefined | Promise<T | undefined>,
  options: WaitOptions,
): Promise<T | undefined> {
  const { timeoutMs, everyMs = 100, signal } = options;
  const endsAt = performance.now() + timeoutMs;
  while (true) {
    signal?.throwIfAborted();
    const seen = await look();
    if (seen !== undefined) return seen;
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) return undefined;
    await sleep(Math.min(everyMs, leftMs), undefined, signal ? { signal } : {}).catch(() => {
      throw signal?.reason ?? new InterruptedError();
    });
  }
}
