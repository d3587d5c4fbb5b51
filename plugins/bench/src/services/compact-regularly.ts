import { setTimeout as sleep } from 'node:timers/promises';
import { WireError } from '@etcdperf/core/wire';
import { connectWire } from './connect-wire.ts';
import type { BenchSite } from './run-bench.ts';

export interface CompactionOptions {
  readonly intervalMs: number;
  /** How many revisions before the newest are kept. */
  readonly keptRevisions: number;
}

/** What came of it. */
export interface CompactionCounts {
  readonly done: number;
  readonly failed: number;
  /** Up to which revision; 0: none was needed yet. */
  readonly revision: number;
  readonly lastError?: string;
}

/** Compacts on and on until `signal` is aborted; what fails is counted. */
export async function compactRegularly(
  site: BenchSite,
  { intervalMs, keptRevisions }: CompactionOptions,
  signal: AbortSignal,
): Promise<CompactionCounts> {
  let [done, failed, revision] = [0, 0, 0];
  let lastError: string | undefined;
  await using client = await connectWire(site.settings.access, site.signal);
  for (;;) {
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return { done, failed, revision, ...(lastError !== undefined && { lastError }) };
    try {
      const { header } = await client.range('\0', { countOnly: true });
      const target = header.revision - keptRevisions;
      if (target <= revision) continue;
      await client.compact(target);
      revision = target;
      done += 1;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      failed += 1;
      lastError = error.message;
    }
  }
}
