import type { LoadOperation, LoadRequest, Outcome } from '../load/index.ts';
import { writeLeaseId } from './lease-ids.ts';
import { type LeaseLedger, LeaseState } from './lease-ledger.ts';
import { revokeTemplate } from './lease-requests.ts';

/** Revokes some leases of a ledger, one for each request. */
export class RevokeOperation implements LoadOperation {
  readonly kinds = [{ name: 'revoke', isWrite: true }];
  readonly #ledger: LeaseLedger;
  readonly #numbers: Int32Array;
  readonly #request: LoadRequest = { template: revokeTemplate(), kind: 0 };

  constructor(ledger: LeaseLedger, numbers: Int32Array) {
    this.#ledger = ledger;
    this.#numbers = numbers;
  }

  next(): LoadRequest {
    return this.#request;
  }

  fill(bytes: Buffer, at: number, sequence: number): void {
    const number = this.#numbers[sequence]!;
    // From now on nobody keeps it alive, nor takes it for lost.
    this.#ledger.set(number, LeaseState.ending);
    writeLeaseId(bytes, at, this.#ledger.idOf(number));
  }

  onOutcome(_kind: number, sequence: number, outcome: Outcome): void {
    if (outcome === 'ok') this.#ledger.set(this.#numbers[sequence]!, LeaseState.gone);
  }
}
