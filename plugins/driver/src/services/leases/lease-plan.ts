import type { LoadPlan } from '@etcdperf/core/load';

/** Requests without an answer, where they are sent as fast as answers come. */
const CLIENTS = 256;

/**
 * So many grants or revocations on so many connections.
 *
 * @param ratePerSec undefined: as fast as answers come
 */
export function leasePlan(
  requests: number,
  ratePerSec: number | undefined,
  { connections, timeoutMs }: Pick<LoadPlan, 'connections' | 'timeoutMs'>,
): LoadPlan {
  const clients = Math.min(CLIENTS, requests);
  return {
    pace: ratePerSec === undefined ? { kind: 'closed' } : { kind: 'open', ratePerSec },
    end: { kind: 'total', requests },
    warmupMs: 0,
    connections: Math.min(connections, clients),
    clients,
    maxInFlight: CLIENTS,
    timeoutMs,
    threads: 1,
    seed: 0,
  };
}
