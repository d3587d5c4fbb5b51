import type { LeaseIds } from '@etcdperf/core/leases';
import type { LoadScenario, ScenarioFactory } from '@etcdperf/core/load';
import type { WireClient } from '@etcdperf/core/wire';

/** Each step keeps the next lease alive; all of a connection's go over one stream, as those of etcd's clients do. */
class LeaseKeepaliveStreamScenario implements LoadScenario {
  readonly kinds = [{ name: 'keepalive', isWrite: false }];
  readonly #ids: LeaseIds;
  readonly #step: number;
  #number: number;
  #gone = 0;

  constructor(ids: LeaseIds, share: { readonly index: number; readonly count: number }) {
    this.#ids = ids;
    this.#step = share.count % ids.count;
    this.#number = share.index % ids.count;
  }

  async step(client: WireClient): Promise<number> {
    const id = BigInt(this.#ids.first + this.#number);
    this.#number = (this.#number + this.#step) % this.#ids.count;
    const { ttlSeconds } = await client.leaseKeepAlive(id);
    if (ttlSeconds === 0) this.#gone += 1;
    return 0;
  }

  counters(): Readonly<Record<string, number>> {
    return { keepalivesOfGoneLeases: this.#gone };
  }
}

const make: ScenarioFactory<LeaseIds> = (ids, share) => new LeaseKeepaliveStreamScenario(ids, share);

export default make;
