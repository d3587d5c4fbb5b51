import type { LoadOperation, LoadRequest, Outcome } from '../load/index.ts';
import { writeLeaseId } from './lease-ids.ts';
import type { LeaseLedger } from './lease-ledger.ts';
import { grantTemplate } from './lease-requests.ts';
import { TtlReader } from './ttl-reader.ts';

/** Grants the ledger's leases, one for each request, in order; what becomes of them goes into the ledger. */
export class GrantOperation implements LoadOperation {
  readonly kinds = [{ name: 'grant', isWrite: true }];
  readonly #ledger: LeaseLedger;
  readonly #request: LoadRequest;
  readonly #ttl = new TtlReader();
  #ttlSeconds = 0;

  /** @param ttlSeconds what is asked for */
  constructor(ledger: LeaseLedger, ttlSeconds: number) {
    this.#ledger = ledger;
    this.#request = { template: grantTemplate(ttlSeconds), kind: 0 };
  }

  next(): LoadRequest {
    return this.#request;
  }

  fill(bytes: Buffer, at: number, sequence: number): void {
    writeLeaseId(bytes, at, this.#ledger.idOf(sequence));
  }

  onMessage(_kind: number, _sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#ttlSeconds = this.#ttl.read(bytes, start, end);
  }

  onOutcome(_kind: number, sequence: number, outcome: Outcome, _startedAt: number, now: number): void {
    // Its message came right before.
    if (outcome === 'ok') this.#ledger.onRenewed(sequence, now, this.#ttlSeconds);
    else if (outcome === 'unknown') this.#ledger.onUncertain(sequence, now);
  }
}
