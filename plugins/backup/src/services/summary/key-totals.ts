import type { KeyRecord } from '../../contents/key-record.ts';

/** What a number of keys come to. */
export interface KeyTotals {
  readonly keys: number;
  /** Of keys and values. */
  readonly bytes: number;
  readonly valueBytes: number;
  readonly largestValueBytes: number;
  /** Puts since the keys were created. */
  readonly versions: number;
  /** Keys that are bound to a lease. */
  readonly leased: number;
  /** Keys nobody knows the value's size of: their values count as nothing. */
  readonly unsized: number;
}

/** Totals that grow. */
export class KeySum implements KeyTotals {
  keys = 0;
  bytes = 0;
  valueBytes = 0;
  largestValueBytes = 0;
  versions = 0;
  leased = 0;
  unsized = 0;

  add({ key, valueSize, version, lease }: KeyRecord): void {
    const size = valueSize ?? 0;
    this.keys += 1;
    this.bytes += key.length + size;
    this.valueBytes += size;
    if (size > this.largestValueBytes) this.largestValueBytes = size;
    this.versions += version;
    if (lease !== 0n) this.leased += 1;
    if (valueSize === undefined) this.unsized += 1;
  }

  merge(other: KeyTotals): void {
    this.keys += other.keys;
    this.bytes += other.bytes;
    this.valueBytes += other.valueBytes;
    this.largestValueBytes = Math.max(this.largestValueBytes, other.largestValueBytes);
    this.versions += other.versions;
    this.leased += other.leased;
    this.unsized += other.unsized;
  }

  /** As an object of its own, for reports. */
  totals(): KeyTotals {
    const { keys, bytes, valueBytes, largestValueBytes, versions, leased, unsized } = this;
    return { keys, bytes, valueBytes, largestValueBytes, versions, leased, unsized };
  }
}

/** By which branches are weighed against each other. */
export const MEASURES = ['bytes', 'keys', 'versions'] as const;
export type Measure = (typeof MEASURES)[number];

/** Whether a part is at least so much of the whole by one measure or another. */
export function isWorthTelling(part: KeyTotals, whole: KeyTotals, share: number): boolean {
  return MEASURES.some((measure) => part[measure] > 0 && part[measure] >= whole[measure] * share);
}
