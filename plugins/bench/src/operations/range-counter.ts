import { KvScan } from '@etcdperf/core/wire';

/** Tags of a TxnResponse's `responses`, and of the RangeResponse in one of these. */
const RESPONSES = (3 << 3) | 2;
const RESPONSE_RANGE = (1 << 3) | 2;

/** Counts what range responses hold, without making an object of anything. */
export class RangeCounter {
  #keysReturned = 0;
  #keysCounted = 0;
  #bytesReturned = 0;
  #empty = 0;
  readonly #scan = new KvScan();
  /** Where the reading of what is around a RangeResponse is. */
  #position = 0;

  /** A RangeResponse, `bytes[start, end)`. */
  add(bytes: Buffer, start: number, end: number): void {
    this.#scan.range(bytes, start, end, false);
    this.#bytesReturned += end - start;
    this.#keysReturned += this.#scan.keys;
    this.#keysCounted += this.#scan.count;
    if (this.#scan.count === 0) this.#empty += 1;
  }

  /** A TxnResponse, `bytes[start, end)`: the ranges in it. */
  addTxn(bytes: Buffer, start: number, end: number): void {
    this.#position = start;
    while (this.#position < end) {
      const tag = this.#varint(bytes);
      const value = this.#varint(bytes);
      if ((tag & 7) !== 2) continue;
      const next = this.#position + value;
      if (tag === RESPONSES && this.#varint(bytes) === RESPONSE_RANGE) {
        const length = this.#varint(bytes);
        this.add(bytes, this.#position, this.#position + length);
      }
      this.#position = next;
    }
  }

  /** The keys in a RangeStreamResponse, not counted yet. */
  keysOfPiece(bytes: Buffer, start: number, end: number): number {
    this.#position = start;
    // All that is in it is a RangeResponse.
    if (end - start < 2 || this.#varint(bytes) !== RESPONSE_RANGE) return 0;
    const length = this.#varint(bytes);
    this.#scan.range(bytes, this.#position, this.#position + length, false);
    return this.#scan.keys;
  }

  /** A range that came in pages or pieces. */
  addPages(keys: number, bytes: number): void {
    this.#keysReturned += keys;
    this.#keysCounted += keys;
    this.#bytesReturned += bytes;
    if (keys === 0) this.#empty += 1;
  }

  /** `keysCounted`: in the ranges, whatever the limit; `emptyReads`: of these there were none. */
  counters(): Readonly<Record<string, number>> {
    return {
      keysReturned: this.#keysReturned,
      keysCounted: this.#keysCounted,
      bytesReturned: this.#bytesReturned,
      emptyReads: this.#empty,
    };
  }

  #varint(bytes: Buffer): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = bytes[this.#position]!;
      this.#position += 1;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 128;
    }
  }
}
