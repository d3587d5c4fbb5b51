import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is yes or the time is over: whether it became yes. */
export async function until(condition: () => Promise<boolean>, timeoutMs: number, everyMs = 10): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= end) return false;
    await sleep(everyMs);
  }
}
