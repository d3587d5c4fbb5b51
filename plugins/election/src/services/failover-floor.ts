/** What decides how long etcd takes to notice that a master died. */
export interface LeaseTerms {
  /** What etcd granted, which may be more than was asked. */
  readonly grantedTtlSeconds: number;
  /** How often a living master renews its lease. */
  readonly refreshMs: number;
}

/** Between which times after the kill the master's key should vanish, before anybody can be elected. */
export interface FailoverFloor {
  readonly minMs: number;
  readonly maxMs: number;
}

/** etcd looks for expired leases this often (`lessor.runLoop`), so an expiry can be late by as much. */
const expiryScanMs = 500;

/**
 * The floor of a failover: the part that no client can shorten.
 *
 * A killed master leaves a lease that it renewed at most `refreshMs` ago, so between `TTL − refresh` and `TTL` of it
 * are left. etcd's lessor then finds it within its scan interval:
 *
 *     minMs = 1000 · TTL − refresh          maxMs = 1000 · TTL + 500
 *
 * On top come the revoke's commit, the watch event's delivery, the winner's transaction and payload, and the agents'
 * reads: those are the phases that depend on the cluster and its load, and that a round's report measures.
 */
export function failoverFloor(terms: LeaseTerms): FailoverFloor {
  const ttlMs = terms.grantedTtlSeconds * 1000;
  return { minMs: Math.max(0, ttlMs - terms.refreshMs), maxMs: ttlMs + expiryScanMs };
}
