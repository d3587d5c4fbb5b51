import type { LoadScenario, ScenarioFactory, ScenarioStep } from '@etcdperf/core/load';
import { type WireClient, WireError } from '@etcdperf/core/wire';
import { type KeySource, makeKeySource, makeValueSource, type ValueSource } from '@etcdperf/core/workload';
import type { KeyValueOptions } from './key-value-options.ts';
import type { Isolation } from './stm/isolation.ts';
import { type LockKind, takeLock } from './stm/locks.ts';
import { Session } from './stm/session.ts';
import { runTransaction } from './stm/transaction.ts';

export interface StmOptions extends KeyValueOptions {
  readonly isolation: Isolation;
  readonly keysPerTxn: number;
  /** Of the keys of a transaction, how many are written after they were read. */
  readonly writePercent: number;
  /** What a transaction holds while it runs; undefined: nothing, conflicts are found at the commit. */
  readonly lock: { readonly kind: LockKind; readonly name: string } | undefined;
}

/** Transactions that read some keys and write some of them, tried again until they can be committed. */
class StmScenario implements LoadScenario {
  readonly kinds = [{ name: 'stm', isWrite: true }];
  readonly #options: StmOptions;
  readonly #keys: KeySource;
  readonly #values: ValueSource;
  /** By the caller that holds it. */
  readonly #sessions = new Map<number, Promise<Session>>();
  /** Writes that are due: percentages of a few keys come out right over many transactions. */
  #writesDue = 0;
  readonly #counts = { attempts: 0, conflicts: 0, retriedTxns: 0, keysRead: 0, keysWritten: 0, unlocksFailed: 0 };

  constructor(options: StmOptions, keys: KeySource, values: ValueSource) {
    this.#options = options;
    this.#keys = keys;
    this.#values = values;
  }

  async step(client: WireClient, { client: caller, signal }: ScenarioStep): Promise<number> {
    const { lock } = this.#options;
    const keys = this.#chooseKeys();
    const writes = this.#chooseWrites(keys.length);
    if (lock === undefined) {
      await this.#transact(client, keys, writes, signal);
      return 0;
    }
    const release = await this.#takeLock(lock, client, caller, signal);
    try {
      await this.#transact(client, keys, writes, signal);
    } finally {
      // What became of the transaction is what counts. A lock that is still held is its caller's at once the next time.
      await release().catch(() => {
        this.#counts.unlocksFailed += 1;
      });
    }
    return 0;
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counts };
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.#sessions.values());
    await Promise.all(sessions.map(async (session) => session.status === 'fulfilled' && session.value.close()));
    this.#sessions.clear();
  }

  async #transact(client: WireClient, keys: readonly string[], writes: number, signal: AbortSignal): Promise<void> {
    const counts = this.#counts;
    const onConflict = () => {
      counts.conflicts += 1;
    };
    const attempts = await runTransaction(
      client,
      { isolation: this.#options.isolation, signal, onConflict },
      async (transaction) => {
        counts.attempts += 1;
        for (const [index, key] of keys.entries()) {
          await transaction.get(key);
          counts.keysRead += 1;
          if (index < writes) transaction.put(key, this.#value());
        }
      },
    );
    counts.keysWritten += writes;
    if (attempts > 1) counts.retriedTxns += 1;
  }

  async #takeLock(
    { kind, name }: NonNullable<StmOptions['lock']>,
    client: WireClient,
    caller: number,
    signal: AbortSignal,
  ) {
    try {
      return await takeLock(kind, client, await this.#session(client, caller), name, signal);
    } catch (error) {
      // The next step gets a new session.
      if (error instanceof WireError && error.reason === 'lease-not-found') this.#sessions.delete(caller);
      throw error;
    }
  }

  /** A caller takes one lock at a time, all by the same lease, as long as that lives. */
  async #session(client: WireClient, caller: number): Promise<Session> {
    const known = await this.#sessions.get(caller);
    if (known?.isLost === false) return known;
    const opening = Session.open(client);
    this.#sessions.set(caller, opening);
    // One that could not be opened is tried again by the next step.
    opening.catch(() => this.#sessions.delete(caller));
    return opening;
  }

  /** Different keys; where the next one is taken already, its neighbour. */
  #chooseKeys(): string[] {
    const { size } = this.#keys.space;
    const numbers = new Set<number>();
    while (numbers.size < this.#options.keysPerTxn) {
      let number = this.#keys.next();
      while (numbers.has(number)) number = (number + 1) % size;
      numbers.add(number);
    }
    return [...numbers].map((number) => this.#key(number));
  }

  #key(number: number): string {
    const key = Buffer.allocUnsafe(this.#keys.length);
    this.#keys.write(key, 0, number);
    return key.toString();
  }

  #chooseWrites(keys: number): number {
    this.#writesDue += (keys * this.#options.writePercent) / 100;
    const writes = Math.floor(this.#writesDue);
    this.#writesDue -= writes;
    return writes;
  }

  #value(): Buffer {
    const value = Buffer.allocUnsafe(this.#values.length);
    this.#values.write(value, 0);
    return value;
  }
}

const makeStm: ScenarioFactory<StmOptions> = (options, share) =>
  new StmScenario(
    options,
    makeKeySource(options.keys, options.distribution, share),
    makeValueSource(options.values, options.valueBytes, share.seed),
  );

export default makeStm;
