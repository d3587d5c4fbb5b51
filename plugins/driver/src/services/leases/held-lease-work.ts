import type { IntervalSample } from '@etcdperf/core/load';
import { formatMs } from '@etcdperf/core/stats';
import type { StandingWork } from '../stand/run-standing.ts';
import { type HeldLeaseOptions, type HeldLeaseSource, openHeldLeases } from './open-held-leases.ts';

/** What became of leases that were held. */
export interface HeldLeaseFigures {
  readonly asked: number;
  readonly askedTtlSeconds: number;
  readonly grantedTtlSeconds: number;
  /** When it was over, right before they were ended. */
  readonly held: number;
  /** They ran out, or somebody else ended them, although they were to be kept alive. */
  readonly lost: number;
  readonly revoked: number;
  /** Not kept alive any more: they run out within the TTL. */
  readonly left: number;
}

/** What the report has beyond every other's. */
export interface HeldLeaseExtra {
  readonly leases: HeldLeaseFigures;
}

/** etcd revokes some ten thousand a second. The figures are written by then. */
const AFTER_CTRL_C_MS = 60_000;

/** Leases alone. */
export function heldLeaseWork(
  options: Omit<HeldLeaseOptions, 'access'>,
): StandingWork<HeldLeaseSource, HeldLeaseExtra> {
  const { count, ttlSeconds } = options.leases;
  return {
    expects: { ttlSeconds },
    open: (access) => openHeldLeases({ ...options, access }),
    line: (sample) => leaseLine(sample, count),
    async conclude(source, { counters }, { signal, onStep }) {
      const { held, grantedTtlSeconds } = source;
      if (options.end === 'revoke') onStep(`revoking ${held} leases`);
      const { revoked, left } = await source.release(signal.aborted ? AbortSignal.timeout(AFTER_CTRL_C_MS) : signal);
      const lost = counters.leasesLost ?? 0;
      return { leases: { asked: count, askedTtlSeconds: ttlSeconds, grantedTtlSeconds, held, lost, revoked, left } };
    },
  };
}

function leaseLine({ toMs, series, counters }: IntervalSample, asked: number): string {
  const { leases = 0, leasesLost = 0, keepaliveBreaks = 0 } = counters;
  const told = series
    .filter(({ latency }) => latency.count > 0)
    .map(
      ({ name, perSec, latency }) =>
        `${name} ${Math.round(perSec)}/s, p50 ${formatMs(latency.p50Ms)}, p99 ${formatMs(latency.p99Ms)}`,
    );
  return [
    `${Math.round(toMs / 1000)} s: ${leases}${leases === asked ? '' : ` of ${asked}`} leases`,
    ...told,
    ...(leasesLost > 0 ? [`${leasesLost} lost`] : []),
    ...(keepaliveBreaks > 0 ? [`keepalive streams broke ${keepaliveBreaks} times`] : []),
  ].join('; ');
}
