import { keepaliveTemplate, type LeaseIds, TtlReader, writeLeaseId } from '@etcdperf/core/leases';
import type { LoadOperation, LoadRequest, OperationFactory } from '@etcdperf/core/load';

/** Each request keeps the next lease alive, on a stream of its own that is over with its answer. */
class LeaseKeepaliveOperation implements LoadOperation {
  readonly kinds = [{ name: 'keepalive', isWrite: false }];
  readonly #ids: LeaseIds;
  readonly #step: number;
  readonly #request: LoadRequest = { template: keepaliveTemplate(), kind: 0 };
  readonly #ttl = new TtlReader();
  #number: number;
  #gone = 0;

  constructor(ids: LeaseIds, share: { readonly index: number; readonly count: number }) {
    this.#ids = ids;
    this.#step = share.count % ids.count;
    this.#number = share.index % ids.count;
  }

  next(): LoadRequest {
    return this.#request;
  }

  fill(bytes: Buffer, at: number): void {
    writeLeaseId(bytes, at, this.#ids.first + this.#number);
    // One lease only: then the step is 0, and it is always its turn.
    this.#number = (this.#number + this.#step) % this.#ids.count;
  }

  onMessage(_kind: number, _sequence: number, bytes: Buffer, start: number, end: number): void {
    if (this.#ttl.read(bytes, start, end) === 0) this.#gone += 1;
  }

  counters(): Readonly<Record<string, number>> {
    return { keepalivesOfGoneLeases: this.#gone };
  }
}

const makeLeaseKeepalive: OperationFactory<LeaseIds> = (ids, share) => new LeaseKeepaliveOperation(ids, share);

export default makeLeaseKeepalive;
