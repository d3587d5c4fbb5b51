import type { KeySpan } from './key-span.ts';
import type { PagePool } from './page-pool.ts';
import type { PageSizer } from './page-sizer.ts';
import type { RangePage } from './range-page.ts';
import type { PageRequest, RangeReader } from './range-reader.ts';
import { SpanWalk } from './span-walk.ts';

/** Of each page so many keys are looked at for what keys look like. */
const EXAMPLES = 16;

export interface SpanReading {
  readonly span: KeySpan;
  /** That the span has at the revision. */
  readonly keys: number;
  readonly revision: number;
  readonly keysOnly: boolean;
  /** Only keys modified after it. */
  readonly sinceRevision: number | undefined;
  readonly reader: RangeReader;
  readonly sizer: PageSizer;
  /** Of values that are asked for after their keys. */
  readonly valueSizer: PageSizer;
  readonly pool: PagePool;
  /** So many keys of the span were looked at, once more. */
  onRead(keys: number): void;
}

/**
 * The keys of a span, page by page. The next page is asked for before one is handed out, which is good until the one
 * after it is asked for. Rejects with a WireError, or the signal's reason.
 */
export async function* readSpan(reading: SpanReading): AsyncGenerator<RangePage> {
  const { sinceRevision, keysOnly, pool } = reading;
  const walk = new SpanWalk(reading.span, reading.keys);
  const pages = [pool.take(), pool.take()] as const;
  // What changed is looked for by the keys alone; only then values are asked for.
  const isSifted = sinceRevision !== undefined;
  const ask = (page: RangePage) => readStep(reading, walk, page, isSifted || keysOnly);
  let turn = 0;
  let ahead = ask(pages[0]);
  try {
    for (;;) {
      const page = await ahead;
      if (page === undefined) return;
      turn = 1 - turn;
      ahead = ask(pages[turn]!);
      // Whoever waits for it may never come: somebody must have seen its failure.
      ahead.catch(() => undefined);
      reading.onRead(page.length);
      if (!isSifted) yield page;
      else {
        page.keepFrom(sinceRevision + 1);
        if (page.length === 0) continue;
        if (keysOnly) yield page;
        else yield* readChanged(reading, page, sinceRevision + 1);
      }
    }
  } finally {
    // One that is under way would write into them.
    await ahead.catch(() => undefined);
    pool.give(...pages);
  }
}

/** The next keys of the walk; undefined: there are no more. */
async function readStep(
  reading: SpanReading,
  walk: SpanWalk,
  page: RangePage,
  keysOnly: boolean,
): Promise<RangePage | undefined> {
  const { revision, reader, sizer } = reading;
  for (;;) {
    const limit = sizer.keys;
    const step = walk.next(limit);
    if (step === undefined) return undefined;
    const request: PageRequest = {
      ...{ key: step.start, rangeEnd: step.end, limit, revision, keysOnly, serializable: true },
    };
    const outcome = await reader.read(request, page, sizer.mostBytes);
    if (outcome.kind === 'too-long') {
      sizer.refused(limit, outcome.bytes);
      continue;
    }
    sizer.took(page.length, page.size);
    const last = page.length === 0 ? undefined : page.keyAt(page.length - 1);
    walk.took({ keys: page.length, count: page.count, last, examples: examplesOf(page) });
    if (page.length > 0) return page;
  }
}

/** The values of the keys of a page, all of which changed at that revision or after it. */
async function* readChanged(
  { reader, revision, pool, valueSizer }: SpanReading,
  changed: RangePage,
  minModRevision: number,
): AsyncGenerator<RangePage> {
  const page = pool.take();
  try {
    for (let from = 0; from < changed.length; ) {
      const to = Math.min(changed.length, from + valueSizer.keys);
      // Without a limit: etcd reads a range whole when it is to sift it, and this one is not long.
      const rangeEnd = Buffer.concat([changed.keyAt(to - 1), Buffer.of(0)]);
      const request = { key: changed.keyAt(from), rangeEnd, revision, minModRevision, serializable: true };
      const outcome = await reader.read(request, page, valueSizer.mostBytes);
      if (outcome.kind === 'too-long') {
        valueSizer.refused(to - from, outcome.bytes);
        continue;
      }
      valueSizer.took(page.length, page.size);
      from = to;
      yield page;
    }
  } finally {
    pool.give(page);
  }
}

function examplesOf(page: RangePage): readonly Buffer[] {
  const count = Math.min(EXAMPLES, page.length);
  return Array.from({ length: count }, (_, index) =>
    page.keyAt(Math.floor((index * (page.length - 1)) / Math.max(1, count - 1))),
  );
}
