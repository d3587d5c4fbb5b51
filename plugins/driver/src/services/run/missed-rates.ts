import type { LoadPart, LoadReport } from '@etcdperf/core/load';
import type { MissedPartRate } from '../driver-report.ts';

/** A rate that was reached to this share was held. */
const HELD = 0.99;

/**
 * The parts whose rates could not be held.
 *
 * @param ms how long a load took that ends with its work. Without it, of one that ends by time, what was due and never
 *   sent tells: however long queues took after that
 */
export function missedRates(parts: readonly LoadPart[], report: LoadReport, ms?: number): MissedPartRate[] {
  return parts.flatMap(({ pace, operation }) => {
    if (pace.kind !== 'open') return [];
    const kinds = operation.kinds.map(({ name }) => name);
    const [kind = ''] = kinds;
    const counted = report.series.filter(({ name }) => kinds.includes(name));
    const sent = counted.reduce((sum, { ok, fail, unknown }) => sum + ok + fail + unknown, 0);
    const dropped = report.counters[`dropped.${kind}`] ?? 0;
    const due = ms === undefined ? sent + dropped : (pace.ratePerSec * ms) / 1000;
    // Of a few requests the last one may be due at the very end, or not any more.
    if (sent + 1 >= due * HELD) return [];
    const reachedPerSec = Math.round((pace.ratePerSec * sent * 1000) / due) / 1000;
    return [{ kind, askedPerSec: pace.ratePerSec, reachedPerSec, dropped }];
  });
}
