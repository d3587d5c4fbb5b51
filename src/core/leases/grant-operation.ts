import type { LoadOperation, LoadRequest, Outcome } from '../load/index.ts';
import { writeLeaseId } from './lease-ids.ts';
import type { LeaseLedger } from './lease-ledger.ts';
import { grantTemplate } from './lease-requests.ts';
import { TtlReader } from './ttl-reader.ts';

/** Grants leases of the ledger, one for each request, in order; what becomes of them goes into the ledger. */
export class GrantOperation implements LoadOperation {
  readonly kinds = [{ name: 'grant', isWrite: true }];
  readonly #ledger: LeaseLedger;
  readonly #request: LoadRequest;
  readonly #ttl = new TtlReader();
  #ttlSeconds = 0;

  readonly #numbers: Int32Array | undefined;

  /**
   * @param ttlSeconds what is asked for
   * @param numbers of the leases; undefined: all of them
   */
  constructor(ledger: LeaseLedger, ttlSeconds: number, numbers?: Int32Array) {
    this.#ledger = ledger;
    this.#numbers = numbers;
    this.#request = { template: grantTemplate(ttlSeconds), kind: 0 };
  }

  next(): LoadRequest {
    return this.#request;
  }

  fill(bytes: Buffer, at: number, sequence: number): void {
    writeLeaseId(bytes, at, this.#ledger.idOf(this.#numberOf(sequence)));
  }

  onMessage(_kind: number, _sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#ttlSeconds = this.#ttl.read(bytes, start, end);
  }

  onOutcome(_kind: number, sequence: number, outcome: Outcome, _startedAt: number, now: number): void {
    // Its message came right before.
    if (outcome === 'ok') this.#ledger.onRenewed(this.#numberOf(sequence), now, this.#ttlSeconds);
    else if (outcome === 'unknown') this.#ledger.onUncertain(this.#numberOf(sequence), now);
  }

  #numberOf(sequence: number): number {
    return this.#numbers === undefined ? sequence : this.#numbers[sequence]!;
  }
}
