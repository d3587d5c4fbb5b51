import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseGauge, DatabaseSize } from './database-gauge.ts';

const LOOK_EVERY_MS = 200;

export interface SizeWatch extends AsyncDisposable {
  /** Aborted when it is enough. */
  readonly enough: AbortSignal;
}

/**
 * Asks for the size again and again until `isEnough` says so, or it is disposed of. `grownBytes`: by which the file grew
 * since it was asked before, and may by the next time.
 */
export function watchSize(
  gauge: DatabaseGauge,
  isEnough: (size: DatabaseSize, grownBytes: number) => boolean,
): SizeWatch {
  const enough = new AbortController();
  const over = new AbortController();
  let lastBytes: number | undefined;
  const work = async () => {
    while (!over.signal.aborted && !enough.signal.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: over.signal }).catch(() => undefined);
      // A member that is busy answers the next time.
      const size = await gauge.read().catch(() => undefined);
      if (size === undefined) continue;
      const grownBytes = Math.max(0, size.fileBytes - (lastBytes ?? size.fileBytes));
      lastBytes = size.fileBytes;
      if (isEnough(size, grownBytes)) enough.abort();
    }
  };
  const working = work();
  return {
    enough: enough.signal,
    async [Symbol.asyncDispose]() {
      over.abort();
      await working;
    },
  };
}
