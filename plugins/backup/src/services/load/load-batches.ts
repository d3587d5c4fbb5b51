import { type EtcdperfError, OperationError } from '@etcdperf/core/errors';
import type { LoadOperation, LoadRequest, Outcome, PartGoal, RequestFailure } from '@etcdperf/core/load';
import { Method, RequestTemplate, type WireErrorReason } from '@etcdperf/core/wire';
import { AcknowledgedKeys, type LoadPosition } from './acknowledged-keys.ts';
import { countWritten } from './count-written.ts';
import { KeyBudget } from './key-budget.ts';
import type { PutBatch } from './put-batch.ts';

/** A batch that did not succeed is put again after so long: its member has a moment to come back. */
const RETRY_MS = 250;
/** Of batches that aren't acknowledged; the file is read no further meanwhile. */
const MOST_OPEN_BYTES = 24 * 2 ** 20;
const MOST_OPEN_BATCHES = 4096;

export interface LoadBatchesOptions {
  readonly from: LoadPosition;
  readonly ratePerSec: number | undefined;
  /** Answers tell which puts were done. */
  readonly isConditional: boolean;
  /** Going on makes no sense. */
  readonly onStop: (reason: EtcdperfError) => void;
}

/**
 * Puts batches as they come, in any order, and again until each was acknowledged. Whoever makes them waits in `room()`
 * while many are under way.
 */
export class LoadBatches implements LoadOperation, PartGoal {
  readonly kinds = [{ name: 'load', isWrite: true }];
  readonly acknowledged: AcknowledgedKeys;
  /** The first batch that etcd refused for good. */
  refused: { readonly batch: PutBatch; readonly reason: WireErrorReason } | undefined;
  /** Since when there was something to send, or to be answered, and nothing succeeded; by performance.now(). */
  waitingSince: number | undefined;
  readonly #options: LoadBatchesOptions;
  readonly #budget: KeyBudget | undefined;
  readonly #requests: Readonly<Record<PutBatch['kind'], LoadRequest>> = {
    txn: { template: RequestTemplate.varying(Method.txn), kind: 0 },
    put: { template: RequestTemplate.varying(Method.put), kind: 0 },
  };
  readonly #ready: PutBatch[] = [];
  #readyHead = 0;
  #again: { readonly batch: PutBatch; readonly dueAt: number }[] = [];
  /** By the request's sequence. */
  readonly #inFlight = new Map<number, PutBatch>();
  #chosen: PutBatch | undefined;
  #openBytes = 0;
  #isFed = false;
  #onRoom: (() => void) | undefined;
  #wake: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #keys = 0;
  #bytes = 0;
  #there = 0;
  #retries = 0;
  /** Of the answer whose outcome comes next. */
  #written = 0;

  constructor(options: LoadBatchesOptions) {
    this.#options = options;
    this.acknowledged = new AcknowledgedKeys(options.from);
    if (options.ratePerSec !== undefined) this.#budget = new KeyBudget(options.ratePerSec);
  }

  // ---- for who makes batches

  push(batch: PutBatch): void {
    this.acknowledged.open(batch);
    this.#ready.push(batch);
    this.#openBytes += batch.message.length;
    this.#wake();
  }

  /** Resolves when another batch may be pushed. */
  async room(): Promise<void> {
    if (!this.#isFull) return;
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve;
    });
  }

  /** There are no more. @param records keys of the dump */
  end(records: number): void {
    this.acknowledged.end(records);
    this.#isFed = true;
    this.#wake();
  }

  /** Nobody waits for room any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#onRoom?.();
  }

  // ---- for the load engine

  wakeBy(wake: () => void): void {
    this.#wake = wake;
  }

  get hasNext(): boolean {
    if (this.#chosen !== undefined) return true;
    const now = performance.now();
    const isAgainDue = this.#again.length > 0 && this.#again[0]!.dueAt <= now;
    if (!isAgainDue && this.#readyHead === this.#ready.length) return false;
    const waitMs = this.#budget?.waitMs(now) ?? 0;
    if (waitMs > 0) {
      this.#wakeIn(waitMs);
      return false;
    }
    this.waitingSince ??= now;
    return true;
  }

  get isDone(): boolean {
    return this.#isFed && this.acknowledged.openCount === 0;
  }

  next(): LoadRequest {
    this.#chosen ??= this.#take();
    const { kind, message } = this.#chosen;
    const request = this.#requests[kind];
    request.template.messageBytes = message.length;
    return request;
  }

  fill(bytes: Buffer, at: number, sequence: number): void {
    const batch = this.#chosen!;
    bytes.set(batch.message, at);
    this.#inFlight.set(sequence, batch);
    this.#budget?.spend(batch.keys, performance.now());
    this.#chosen = undefined;
  }

  onMessage(_kind: number, _sequence: number, bytes: Buffer, start: number, end: number): void {
    if (this.#options.isConditional) this.#written = countWritten(bytes, start, end);
  }

  onOutcome(
    _kind: number,
    sequence: number,
    outcome: Outcome,
    _startedAt: number,
    now: number,
    failure?: RequestFailure,
  ): void {
    const batch = this.#inFlight.get(sequence)!;
    this.#inFlight.delete(sequence);
    if (outcome === 'ok') {
      this.#onAcknowledged(batch, now);
      return;
    }
    this.#retries += 1;
    this.#again.push({ batch, dueAt: now + RETRY_MS });
    if (failure !== undefined) this.#judge(batch, failure);
  }

  counters(): Readonly<Record<string, number>> {
    const counters = { keys: this.#keys, bytes: this.#bytes, retries: this.#retries };
    return this.#options.isConditional ? { ...counters, there: this.#there } : counters;
  }

  // ---- own

  get #isFull(): boolean {
    return this.#openBytes > MOST_OPEN_BYTES || this.acknowledged.openCount > MOST_OPEN_BATCHES;
  }

  #take(): PutBatch {
    const [again] = this.#again;
    if (again !== undefined && again.dueAt <= performance.now()) {
      this.#again.shift();
      return again.batch;
    }
    const batch = this.#ready[this.#readyHead]!;
    this.#readyHead += 1;
    if (this.#readyHead === this.#ready.length) {
      this.#ready.length = 0;
      this.#readyHead = 0;
    }
    return batch;
  }

  #onAcknowledged(batch: PutBatch, now: number): void {
    const there = this.#options.isConditional ? batch.keys - this.#written : 0;
    this.#keys += batch.keys;
    this.#bytes += batch.bytes;
    this.#there += there;
    this.waitingSince = this.#inFlight.size > 0 ? now : undefined;
    this.#openBytes -= batch.message.length;
    this.acknowledged.close(batch);
    if (this.#isFull) return;
    this.#onRoom?.();
    this.#onRoom = undefined;
  }

  /** What would be refused again and again must end the load; the engine itself sees to the quota and the like. */
  #judge(batch: PutBatch, { reason, message }: RequestFailure): void {
    if (
      reason !== 'refused' &&
      reason !== 'permission-denied' &&
      reason !== 'too-large' &&
      reason !== 'lease-not-found'
    )
      return;
    this.refused ??= { batch, reason };
    if (reason === 'refused')
      this.#options.onStop(
        new OperationError(`etcd refuses to put the keys: ${message}`, {
          ...(/too many operations/.test(message) && {
            hint: 'give --batch no more than the members’ --max-txn-ops',
          }),
        }),
      );
    if (reason === 'lease-not-found')
      this.#options.onStop(
        new OperationError('a lease ran out while etcd could not be reached, and with it the keys that had it', {
          hint: 'they are put again when the load is resumed',
        }),
      );
  }

  #wakeIn(waitMs: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#wake();
    }, waitMs);
  }
}
