import {
  type Compare,
  type RangeResult,
  type TxnOperation,
  type TxnResponse,
  type WireClient,
  WireError,
} from '@etcdperf/core/wire';
import { ISOLATIONS, type Isolation, type IsolationRules } from './isolation.ts';

/** What a transaction has seen of a key. */
interface Read {
  /** Undefined: there is no such key. */
  readonly value: Buffer | undefined;
  /** 0: there is no such key. */
  readonly modRevision: number;
  /** The store's, when it was read. */
  readonly revision: number;
}

type Reads = ReadonlyMap<string, Read>;

/** One attempt at a transaction, as the function sees it that reads and writes. */
export interface Transaction {
  /** The key's value: the one that this transaction wrote, else what its isolation shows. */
  get(key: string): Promise<Buffer | undefined>;
  /** Remembered; written when the transaction is committed. */
  put(key: string, value: Buffer): void;
}

export interface TransactionOptions {
  readonly isolation: Isolation;
  readonly signal?: AbortSignal | undefined;
  /** An attempt was in vain: another transaction came in between. */
  readonly onConflict?: (() => void) | undefined;
}

/**
 * Runs `work` until what it did can be committed: software transactional memory, in the way of etcd's own client. `work`
 * may be called several times, each time with a new Transaction, and must have no other effects. Returns how many
 * attempts it took. Rejects with a WireError; its outcome is `unknown` when a commit with writes was not answered.
 */
export async function runTransaction(
  client: WireClient,
  options: TransactionOptions,
  work: (transaction: Transaction) => Promise<void>,
): Promise<number> {
  const rules = ISOLATIONS[options.isolation];
  let known: Reads = new Map();
  for (let attempts = 1; ; attempts += 1) {
    if (options.signal?.aborted === true)
      throw new WireError('aborted', { outcome: 'fail', reason: 'cancelled', endpoint: client.endpoint });
    const attempt = new Attempt(client, rules, known);
    const conflict = await attempt.run(work);
    if (conflict === undefined) return attempts;
    known = conflict;
    options.onConflict?.();
  }
}

class Attempt implements Transaction {
  readonly #client: WireClient;
  readonly #rules: IsolationRules;
  /** Read by the commit that failed before this attempt, all at one revision. */
  readonly #known: Reads;
  readonly #reads = new Map<string, Read>();
  readonly #writes = new Map<string, Buffer>();
  /** Of the first read. */
  #snapshot: number | undefined;

  constructor(client: WireClient, rules: IsolationRules, known: Reads) {
    this.#client = client;
    this.#rules = rules;
    this.#known = known;
    // What it reads besides has to be as old as that.
    for (const { revision } of known.values()) this.#snapshot = revision;
  }

  /** Undefined when it is committed; else what the next attempt knows already. */
  async run(work: (transaction: Transaction) => Promise<void>): Promise<Reads | undefined> {
    try {
      await work(this);
    } catch (error) {
      // The snapshot is gone, compacted by somebody: one of today will do as well.
      if (error instanceof WireError && error.reason === 'compacted') return new Map();
      throw error;
    }
    return this.#commit();
  }

  async get(key: string): Promise<Buffer | undefined> {
    const written = this.#writes.get(key);
    if (written !== undefined) return written;
    const before = this.#reads.get(key);
    if (before !== undefined) return before.value;
    const read = this.#known.get(key) ?? toRead(await this.#fetch(key));
    this.#snapshot ??= read.revision;
    this.#reads.set(key, read);
    return read.value;
  }

  put(key: string, value: Buffer): void {
    this.#writes.set(key, value);
  }

  #fetch(key: string): Promise<RangeResult> {
    if (this.#rules.reads === 'member') return this.#client.range(key, { serializable: true });
    if (this.#snapshot === undefined) return this.#client.range(key);
    const revision = this.#snapshot;
    return this.#client.range(key, { revision, serializable: true }).catch((error: unknown) => {
      // After a reconnect, to a member that has not come so far yet.
      if (error instanceof WireError && /future revision/.test(error.message))
        return this.#client.range(key, { revision });
      throw error;
    });
  }

  async #commit(): Promise<Reads | undefined> {
    const keys = [...this.#reads.keys()];
    // Only a snapshot is worth having anew at once: what a member shows would be older than that.
    const rereads = this.#rules.reads === 'snapshot' ? keys : [];
    const { succeeded, header, responses } = await this.#client.txn({
      compare: this.#guards(),
      success: [...this.#writes].map(([key, value]): TxnOperation => ({ kind: 'put', key, value })),
      failure: rereads.map((key) => ({ kind: 'range', key })),
    });
    if (succeeded) return undefined;
    return new Map(rereads.map((key, index) => [key, toRead(asRange(responses[index]), header.revision)]));
  }

  #guards(): Compare[] {
    const { guardsReads, guardsWrites } = this.#rules;
    const guards: Compare[] = [];
    if (guardsReads)
      for (const [key, { modRevision }] of this.#reads)
        guards.push({ key, target: 'mod', is: '=', value: modRevision });
    if (guardsWrites && this.#snapshot !== undefined)
      for (const key of this.#writes.keys())
        if (!this.#reads.has(key)) guards.push({ key, target: 'mod', is: '<', value: this.#snapshot + 1 });
    return guards;
  }
}

function toRead(range: Pick<RangeResult, 'kvs' | 'header'>, revision = range.header.revision): Read {
  const [kv] = range.kvs;
  return { value: kv?.value, modRevision: kv?.modRevision ?? 0, revision };
}

function asRange(response: TxnResponse | undefined): Pick<RangeResult, 'kvs' | 'header'> {
  if (response?.kind === 'range') return response;
  throw new Error('a range was asked for in the transaction');
}
