import { attachTemplate, type LeaseLedger, writeLeaseId } from '@etcdperf/core/leases';
import type { LoadOperation, LoadRequest } from '@etcdperf/core/load';
import { type KeySource, type KeySpace, makeKeySource } from '@etcdperf/core/workload';

/** Puts one key for each of some leases, attached to it: the key's number is the lease's. */
export class AttachOperation implements LoadOperation {
  readonly kinds = [{ name: 'attach', isWrite: true }];
  readonly #ledger: LeaseLedger;
  readonly #numbers: Int32Array;
  readonly #request: LoadRequest;
  readonly #idAfterKey: number;
  readonly #keys: KeySource;

  constructor(ledger: LeaseLedger, numbers: Int32Array, space: KeySpace) {
    this.#ledger = ledger;
    this.#numbers = numbers;
    this.#keys = makeKeySource(space, { kind: 'sequential' }, { index: 0, count: 1, seed: 0 });
    const { template, idAfterKey } = attachTemplate(space.prefix + '0'.repeat(space.digits));
    this.#request = { template, kind: 0 };
    this.#idAfterKey = idAfterKey;
  }

  next(): LoadRequest {
    return this.#request;
  }

  fill(bytes: Buffer, at: number, sequence: number): void {
    const number = this.#numbers[sequence]!;
    this.#keys.write(bytes, at, number);
    writeLeaseId(bytes, at + this.#idAfterKey, this.#ledger.idOf(number));
  }
}
