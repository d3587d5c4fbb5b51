import { chooseLeaseIds, LeaseLedger, LeaseState, listLeases, revokeLeases } from '@etcdperf/core/leases';
import type { LoadReport, SeriesReport } from '@etcdperf/core/load';
import { connectWire } from '../connect-wire.ts';
import type { BenchWork } from '../run-bench.ts';
import type { ExpiryReport } from './backlog.ts';
import { type LeaseHoldOptions, LeaseHoldSource, type PhaseDurations } from './lease-hold-source.ts';

/** What the report has beyond every other's. */
export interface LeaseHoldExtra extends Pick<LoadReport, 'drainMs' | 'series'> {
  readonly leases: {
    readonly asked: number;
    readonly askedTtlSeconds: number;
    readonly grantedTtlSeconds: number;
    /** Those that etcd granted, for certain. */
    readonly granted: number;
    /** They ran out although they were to be kept alive. */
    readonly lost: number;
    /** Ended as they were to. */
    readonly ended: number;
    /** May still be there; they run out by themselves within the TTL, unless --cleanup revokes them. */
    readonly left: number;
    readonly phasesMs: PhaseDurations;
    readonly expiry: ExpiryReport | undefined;
  };
}

export type LeaseHoldReport = LoadReport & Partial<LeaseHoldExtra>;

/** How far etcd was behind, every half a second. */
export const BACKLOG_FILE = 'backlog.jsonl';

const TELL_MS = 5000;

/** Leases that are granted, held and ended. `--cleanup` revokes what is left of them. */
export function leaseHoldWork(options: LeaseHoldOptions): BenchWork<LeaseHoldExtra> {
  const ledger = new LeaseLedger(chooseLeaseIds(options.count));
  let source: LeaseHoldSource | undefined;
  let toldAt = 0;
  return {
    load: ({ access, settings, run, onStep }) => {
      source = new LeaseHoldSource({
        access,
        cluster: settings.access,
        plan: settings.plan,
        options,
        ledger,
        onStep,
        onBacklog: (sample) => {
          run.append(BACKLOG_FILE, sample);
          if (sample.atMs - toldAt < TELL_MS) return;
          toldAt = sample.atMs;
          onStep(`${sample.gone} leases gone, ${sample.overdue} overdue`);
        },
      });
      return source;
    },
    expects: { ttlSeconds: options.ttlSeconds },
    conclude: async (_site, { series }) => {
      const count = (state: LeaseState) => ledger.count(state);
      const phasesMs = source?.durationsMs ?? {};
      return {
        // After the grants there was more to do than to wait for answers.
        drainMs: 0,
        series: series.map((one) => ({ ...one, perSec: ratePerSec(one, phasesMs) })),
        leases: {
          asked: options.count,
          askedTtlSeconds: options.ttlSeconds,
          grantedTtlSeconds: ledger.ttlSeconds,
          granted: count(LeaseState.held) + count(LeaseState.lost) + count(LeaseState.ending) + count(LeaseState.gone),
          lost: count(LeaseState.lost),
          ended: count(LeaseState.gone),
          left: ledger.existingCount,
          phasesMs,
          expiry: source?.expiry,
        },
      };
    },
    async cleanUp({ settings }) {
      if (ledger.existingCount === 0) return;
      await using client = await connectWire(settings.access);
      await revokeLeases(client, ledger.ids, await listLeases(client, ledger));
    },
  };
}

/** Over the phases that it belongs to, not over all of the run. */
function ratePerSec({ name, ok }: Pick<SeriesReport, 'name' | 'ok'>, phasesMs: PhaseDurations): number {
  const { grant = 0, attach = 0, hold = 0, end = 0 } = phasesMs;
  const ms = { grant, attach, keepalive: grant + attach + hold, expiry: end, revoke: end }[name] ?? 0;
  return ms === 0 ? 0 : Math.round((ok * 1_000_000) / ms) / 1000;
}
