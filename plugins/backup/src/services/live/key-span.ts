import { prefixEnd } from '@etcdperf/core/wire';

/** Keys from `start` on, up to `end`, exclusive. */
export interface KeySpan {
  readonly start: Buffer;
  /** A single zero byte: there is no end, as etcd writes it. */
  readonly end: Buffer;
  /** The prefix that was asked for. */
  readonly prefix: Buffer;
}

/** What begins with one of the prefixes: ascending, each key in one span only. No prefix at all: everything. */
export function spansOf(prefixes: readonly Buffer[]): readonly KeySpan[] {
  const sorted = (prefixes.length === 0 ? [Buffer.alloc(0)] : [...prefixes]).sort(Buffer.compare);
  const spans: KeySpan[] = [];
  for (const prefix of sorted) {
    const last = spans.at(-1)?.prefix;
    // What it begins with comes before it, and has all of it already.
    if (last?.equals(prefix.subarray(0, last.length)) === true) continue;
    // etcd refuses an empty key; a zero byte is the first there can be.
    spans.push({ start: prefix.length === 0 ? Buffer.of(0) : prefix, end: prefixEnd(prefix), prefix });
  }
  return spans;
}

export function isOpenEnded({ end }: Pick<KeySpan, 'end'>): boolean {
  return end.length === 1 && end[0] === 0;
}
