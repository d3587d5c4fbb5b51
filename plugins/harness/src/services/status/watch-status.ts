import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusSource } from './open-status.ts';
import type { StatusReport } from './status-report.ts';

/** A look every `intervalMs`, from the beginning of one to that of the next, until the signal aborts. */
export async function* watchStatus(
  source: StatusSource,
  intervalMs: number,
  signal: AbortSignal,
): AsyncGenerator<StatusReport> {
  while (!signal.aborted) {
    const begun = performance.now();
    const report = await source.look().catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (report === undefined) return;
    yield report;
    const rest = Math.max(0, intervalMs - (performance.now() - begun));
    await sleep(rest, undefined, { signal }).catch(() => undefined);
  }
}
