import { InputError, OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess, Target } from '@etcdperf/core/etcd';
import { type KeyValue, type RangeOptions, type RangeResult, WireClient, WireError } from '@etcdperf/core/wire';
import type { Contents, ContentsOrigin } from '../../contents/contents.ts';
import type { KeyRecord } from '../../contents/key-record.ts';
import { CompactedError } from './compacted-error.ts';
import { type KeySpan, spansOf } from './key-span.ts';

export interface LiveRequest {
  readonly access: ClusterAccess;
  /** Empty: everything. */
  readonly prefixes: readonly Buffer[];
  /** Default: the one that the cluster is at. */
  readonly revision?: number | undefined;
  /** Values aren't asked for. */
  readonly keysOnly?: boolean | undefined;
  /** Only keys that were modified after this revision. */
  readonly sinceRevision?: number | undefined;
  /** How long leases have left, asked once for each. */
  readonly withTtl?: boolean | undefined;
  /** Default: all endpoints. */
  readonly target?: Target | undefined;
  /** Of one request. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** How messages call the cluster. Default: its endpoints. */
  readonly name?: string | undefined;
  readonly onProgress?: ((progress: LiveProgress) => void) | undefined;
}

export interface LiveProgress {
  /** Keys that came so far. */
  readonly keys: number;
  /** Keys that there are below the prefixes; with `sinceRevision` all of them count. */
  readonly total: number;
}

/**
 * What a cluster holds at one revision. Rejects with an InputError for a revision that the cluster hasn't reached, a
 * CompactedError for one that is gone, an OperationError that names the prefix where one is refused.
 */
export async function openLive(request: LiveRequest): Promise<Contents> {
  const { access, prefixes, signal } = request;
  const client = await WireClient.connect({ ...access, requestTimeoutMs: request.timeoutMs }, signal);
  try {
    const spans = spansOf(prefixes);
    let revision = request.revision;
    let clusterId = 0n;
    let total = 0;
    for (const span of spans) {
      const { header, count } = await asked(request, span, revision ?? 0, () =>
        client.range(span.start, {
          rangeEnd: span.end,
          limit: 1,
          keysOnly: true,
          ...(revision && { revision }),
          signal,
        }),
      );
      clusterId = header.clusterId;
      revision ??= header.revision;
      total += count;
    }
    const name = request.name ?? access.endpoints.join(', ');
    const origin: ContentsOrigin = {
      name,
      revision: revision!,
      clusterId: clusterId.toString(16),
      prefixes: spans.map(({ prefix }) => prefix),
    };
    return new LiveContents(client, request, origin, spans, total);
  } catch (error) {
    await client.close();
    throw error;
  }
}

const PAGE_BYTES = 4 * 2 ** 20;
const MOST_KEYS = 5000;

class LiveContents implements Contents {
  readonly origin: ContentsOrigin;
  readonly #client: WireClient;
  readonly #request: LiveRequest;
  readonly #spans: readonly KeySpan[];
  readonly #total: number;
  readonly #ttls = new Map<bigint, number>();

  constructor(
    client: WireClient,
    request: LiveRequest,
    origin: ContentsOrigin,
    spans: readonly KeySpan[],
    total: number,
  ) {
    this.#client = client;
    this.#request = request;
    this.origin = origin;
    this.#spans = spans;
    this.#total = total;
  }

  async *batches(): AsyncIterable<readonly KeyRecord[]> {
    const { keysOnly, sinceRevision, signal, withTtl, onProgress } = this.#request;
    let keys = 0;
    for (const span of this.#spans) {
      let limit = 16;
      for (let start: Buffer | undefined = span.start; start !== undefined; ) {
        const from: Buffer = start;
        const options: RangeOptions = {
          rangeEnd: span.end,
          limit,
          revision: this.origin.revision,
          serializable: true,
          keysOnly,
        };
        const page: RangeResult = await asked(this.#request, span, this.origin.revision!, () =>
          this.#client.range(from, { ...options, signal }),
        );
        if (withTtl === true) await this.#askTtls(page.kvs);
        const bytes = page.kvs.reduce((sum, kv) => sum + kv.key.length + kv.value.length + 64, 0);
        keys += page.kvs.length;
        onProgress?.({ keys, total: this.#total });
        yield page.kvs.filter((kv) => kv.modRevision > (sinceRevision ?? 0)).map((kv) => this.#record(kv));
        const last = page.kvs.at(-1);
        start = page.more && last !== undefined ? Buffer.concat([last.key, Buffer.of(0)]) : undefined;
        const average = bytes / Math.max(1, page.kvs.length);
        limit = Math.max(1, Math.min(MOST_KEYS, limit * 16, Math.floor(PAGE_BYTES / average)));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }

  #record(kv: KeyValue): KeyRecord {
    const isBare = this.#request.keysOnly === true;
    return {
      key: kv.key,
      value: isBare ? undefined : kv.value,
      valueSize: isBare ? undefined : kv.value.length,
      createRevision: kv.createRevision,
      modRevision: kv.modRevision,
      version: kv.version,
      lease: kv.lease,
      ttlSeconds: this.#ttls.get(kv.lease),
    };
  }

  async #askTtls(kvs: readonly KeyValue[]): Promise<void> {
    for (const { lease } of kvs) {
      if (lease === 0n || this.#ttls.has(lease)) continue;
      const { ttlSeconds } = await this.#client.leaseTimeToLive(lease, { signal: this.#request.signal });
      this.#ttls.set(lease, ttlSeconds);
    }
  }
}

async function asked<T>(
  { signal, access }: LiveRequest,
  { prefix }: KeySpan,
  revision: number,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WireError)) throw error;
    const details = { where: error.where, cause: error };
    if (error.reason === 'compacted') throw new CompactedError(revision, details);
    if (/future revision/.test(error.message))
      throw new InputError(`the cluster has not reached revision ${revision} yet`, { ...details, where: '--revision' });
    if (error.reason !== 'permission-denied') throw error;
    const what = prefix.length === 0 ? 'all keys' : `the keys below '${prefix.toString()}'`;
    throw new OperationError(`${access.auth?.user ?? 'the user'} may not read ${what}`, details);
  }
}
