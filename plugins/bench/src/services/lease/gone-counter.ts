import { type ClusterAccess, scrapeMember } from '@etcdperf/core/etcd';

/** Counts what the member that leads has ended because its time was over; each of them on its own. */
const EXPIRED_METRIC = 'etcd_debugging_server_lease_expired_total';

/** Tells from the members' /metrics how many leases ran out since it was opened; cheap for etcd, however many there are. */
export class ExpiredCounter {
  readonly #access: ClusterAccess;
  readonly #lastSeen: Map<string, number>;
  #expired = 0;

  /** Undefined where a member doesn't show its metrics: then no sum would be right. */
  static async open(access: ClusterAccess, signal: AbortSignal): Promise<ExpiredCounter | undefined> {
    const values = await readAll(access, signal);
    return values.size === access.endpoints.length ? new ExpiredCounter(access, values) : undefined;
  }

  private constructor(access: ClusterAccess, lastSeen: Map<string, number>) {
    this.#access = access;
    this.#lastSeen = lastSeen;
  }

  /** Of all leases, whoever granted them. Who doesn't answer is counted when they do again. */
  async count(signal: AbortSignal): Promise<number> {
    for (const [endpoint, value] of await readAll(this.#access, signal)) {
      const before = this.#lastSeen.get(endpoint) ?? 0;
      // A member that was started again counts from 0.
      this.#expired += value < before ? value : value - before;
      this.#lastSeen.set(endpoint, value);
    }
    return this.#expired;
  }
}

async function readAll(access: ClusterAccess, signal: AbortSignal): Promise<Map<string, number>> {
  const read = async (endpoint: string): Promise<[string, number][]> => {
    const metrics = await scrapeMember(access, endpoint, { signal }).catch(() => undefined);
    const value = metrics?.value(EXPIRED_METRIC);
    return value === undefined ? [] : [[endpoint, value]];
  };
  const values = await Promise.all(access.endpoints.map(read));
  signal.throwIfAborted();
  return new Map(values.flat());
}
