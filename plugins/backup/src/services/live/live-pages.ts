import { InputError } from '@etcdperf/core/errors';
import { resolveTarget } from '@etcdperf/core/etcd';
import { type CallOptions, WireClient } from '@etcdperf/core/wire';
import type { ContentsOrigin } from '../../contents/contents.ts';
import type { KeyPage } from '../../contents/key-page.ts';
import { explainRefusal } from './explain-refusal.ts';
import { type KeySpan, spansOf } from './key-span.ts';
import { LeaseTtls } from './lease-ttls.ts';
import type { LiveRequest } from './live-request.ts';
import { PagePool } from './page-pool.ts';
import { PageSizer } from './page-sizer.ts';
import { RangeReader } from './range-reader.ts';
import { readSpan } from './read-span.ts';

/** What a cluster holds at one revision, in pages. */
export interface LivePages extends AsyncDisposable {
  readonly origin: ContentsOrigin & { readonly revision: number; readonly clusterId: string };
  /** Keys below the prefixes, whenever they were modified. */
  readonly total: number;
  /** Seconds that leases had left, by lease, those of the pages that came; -1: gone. Empty where nobody asked. */
  readonly ttls: ReadonlyMap<bigint, number>;
  /**
   * All keys, ascending, each once; a page is good until the next is asked for. Rejects with a CompactedError; with an
   * OperationError for all that else fails; with the signal's reason.
   */
  pages(): AsyncIterable<KeyPage>;
}

/**
 * Finds the revision to read at, and how many keys there are. Rejects with an InputError for a revision that the cluster
 * has not reached, a CompactedError for one that is gone, an OperationError that names the prefix where one is refused.
 */
export async function openLivePages(request: LiveRequest): Promise<LivePages> {
  const { target, signal, timeoutMs } = request;
  const access =
    target === undefined || target.kind === 'all'
      ? request.access
      : (await resolveTarget(request.access, target, signal)).access;
  const client = await WireClient.connect({ ...access, requestTimeoutMs: timeoutMs }, signal);
  try {
    const pin = await pinRevision(client, request);
    return new PinnedPages(client, { ...request, access }, pin);
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** How many prefixes are counted at once. */
const COUNTS_AT_ONCE = 16;

interface Pin {
  readonly revision: number;
  readonly clusterId: string;
  readonly spans: readonly (KeySpan & { readonly keys: number })[];
}

async function pinRevision(client: WireClient, request: LiveRequest): Promise<Pin> {
  const { signal, timeoutMs, patienceMs, access } = request;
  const spans = spansOf(request.prefixes);
  const reader = new RangeReader(client, { timeoutMs, patienceMs, signal });
  const countOf = async (span: KeySpan, revision: number | undefined) => {
    const at = revision === undefined ? {} : { revision, serializable: true };
    try {
      return await reader.keepTrying((options: CallOptions) =>
        client.range(span.start, { rangeEnd: span.end, countOnly: true, ...at, ...options }),
      );
    } catch (error) {
      throw explainRefusal(error, { span, revision: revision ?? 0, user: access.auth?.user });
    }
  };
  // Through raft: from there on no member that answers is behind.
  const first = await countOf(spans[0]!, undefined);
  const newest = first.header.revision;
  const revision = request.revision ?? newest;
  if (revision > newest)
    throw new InputError(`the cluster is at revision ${newest}: there is no ${revision} yet`, { where: '--revision' });
  const counts: number[] = request.revision === undefined ? [first.count] : [];
  let next = counts.length;
  const count = async () => {
    while (next < spans.length) {
      const index = next;
      next += 1;
      counts[index] = (await countOf(spans[index]!, revision)).count;
    }
  };
  await Promise.all(Array.from({ length: Math.min(COUNTS_AT_ONCE, spans.length) }, count));
  return {
    revision,
    clusterId: first.header.clusterId.toString(16),
    spans: spans.map((span, index) => ({ ...span, keys: counts[index]! })),
  };
}

class PinnedPages implements LivePages {
  readonly origin: LivePages['origin'];
  readonly total: number;
  readonly #client: WireClient;
  readonly #request: LiveRequest;
  readonly #spans: Pin['spans'];
  readonly #ttls = new Map<bigint, number>();

  constructor(client: WireClient, request: LiveRequest, { revision, clusterId, spans }: Pin) {
    this.#client = client;
    this.#request = request;
    this.#spans = spans;
    const name = request.name ?? request.access.endpoints.join(', ');
    this.origin = { name, revision, clusterId, prefixes: spans.map(({ prefix }) => prefix) };
    this.total = spans.reduce((sum, { keys }) => sum + keys, 0);
  }

  get ttls(): ReadonlyMap<bigint, number> {
    return this.#ttls;
  }

  async *pages(): AsyncIterable<KeyPage> {
    const { timeoutMs, patienceMs, withTtl, access, parallel = 1 } = this.#request;
    const { revision } = this.origin;
    // Who stops in the middle ends what was asked for ahead.
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#request.signal, stop.signal]);
    const reader = new RangeReader(this.#client, { timeoutMs, patienceMs, signal });
    const ttls = new LeaseTtls(this.#client, reader, this.#ttls);
    const begin = this.#readers(reader);
    const ahead = Array.from({ length: parallel }, begin);
    let now = ahead.shift();
    try {
      for (; now !== undefined; now = ahead.shift()) {
        try {
          for (let next = await now.first; next.done !== true; next = await now.pages.next()) {
            if (withTtl === true) await ttls.askFor(next.value);
            yield next.value;
          }
        } catch (error) {
          this.#request.signal.throwIfAborted();
          throw explainRefusal(error, { span: now.span, revision, user: access.auth?.user });
        }
        ahead.push(begin());
      }
    } finally {
      stop.abort();
      await Promise.allSettled([now, ...ahead].map((reading) => reading?.pages.return(undefined)));
    }
  }

  /** Begins to read the next span each time; undefined when none is left. */
  #readers(reader: RangeReader) {
    const { keysOnly = false, sinceRevision, onProgress } = this.#request;
    const { revision } = this.origin;
    const shared = { revision, keysOnly, sinceRevision, reader, pool: new PagePool() };
    const sizer = new PageSizer(keysOnly || sinceRevision !== undefined);
    const valueSizer = new PageSizer(false);
    const spans = this.#spans.filter(({ keys }) => keys > 0).values();
    let keys = 0;
    const onRead = (more: number) => {
      keys += more;
      onProgress?.({ keys, total: this.total });
    };
    return () => {
      const { value: span } = spans.next();
      if (span === undefined) return undefined;
      const pages = readSpan({ ...shared, span, keys: span.keys, sizer, valueSizer, onRead });
      const first = pages.next();
      // It is looked at when its turn comes.
      first.catch(() => undefined);
      return { span, pages, first };
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}
