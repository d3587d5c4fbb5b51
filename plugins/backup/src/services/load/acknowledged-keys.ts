import type { PutBatch } from './put-batch.ts';

/** How far a load is: all of the dump's first `records` keys are dealt with. */
export interface LoadPosition {
  readonly records: number;
  /** Of these, those that were put, or found there already, with the bytes of keys and values. */
  readonly keys: number;
  readonly bytes: number;
}

/** Up to which key of the dump everything is acknowledged, while batches are answered in any order. */
export class AcknowledgedKeys {
  /** In the dump's order, from the first that is not acknowledged. */
  #open: { readonly batch: PutBatch; isDone: boolean }[] = [];
  #head = 0;
  readonly #entries = new Map<PutBatch, { isDone: boolean }>();
  #position: LoadPosition;

  /** @param from what a load that is resumed had already */
  constructor(from: LoadPosition) {
    this.#position = from;
  }

  get position(): LoadPosition {
    return this.#position;
  }

  get openCount(): number {
    return this.#open.length - this.#head;
  }

  /** In the dump's order. */
  open(batch: PutBatch): void {
    const entry = { batch, isDone: false };
    this.#open.push(entry);
    this.#entries.set(batch, entry);
  }

  close(batch: PutBatch): void {
    this.#entries.get(batch)!.isDone = true;
    this.#entries.delete(batch);
    for (let head = this.#open[this.#head]; head?.isDone === true; head = this.#open[this.#head]) {
      this.#head += 1;
      this.#pass(head.batch);
    }
    if (this.#head < 1024 || this.#head * 2 < this.#open.length) return;
    this.#open = this.#open.slice(this.#head);
    this.#head = 0;
  }

  /** Whether nothing is open of the dump's first so many keys, as far as they were looked at. */
  isClosedUntil(records: number): boolean {
    const head = this.#open[this.#head];
    return head === undefined || head.batch.end > records;
  }

  /** The dump's keys end here; those after the last batch needed nothing. */
  end(records: number): void {
    if (this.openCount === 0)
      this.#position = { ...this.#position, records: Math.max(this.#position.records, records) };
  }

  /** What was put again, of keys that were there once, adds nothing. */
  #pass({ end, keys, bytes }: PutBatch): void {
    const { records, keys: before, bytes: bytesBefore } = this.#position;
    if (end > records) this.#position = { records: end, keys: before + keys, bytes: bytesBefore + bytes };
  }
}
