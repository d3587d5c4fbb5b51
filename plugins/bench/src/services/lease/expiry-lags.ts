import { OperationError } from '@etcdperf/core/errors';
import type { LeaseLedger } from '@etcdperf/core/leases';
import { Series } from '@etcdperf/core/load';
import type { WatchEvent, WatchHandlers, WireClient } from '@etcdperf/core/wire';
import type { KeySpace } from '@etcdperf/core/workload';

const NS_PER_MS = 1e6;
/** How many leases are looked at one by one, and how many of them at a time. */
const PROBES = 400;
const PROBES_AT_ONCE = 5;

/** How late single leases are ended, after their time was over: a latency for each. */
export interface ExpiryLags {
  /** Looks now. The fewer moments between two looks, the finer the lags. */
  look(): Promise<void>;
  /** Those found since the last call. */
  take(): Series;
  /** When the last of those was gone that were seen to go, by performance.now(). */
  readonly lastGoneAt: number;
  close(): void;
}

/** Of a few hundred leases, evenly over their due times: asks for what is left of the oldest that are due. */
export class ProbedLags implements ExpiryLags {
  lastGoneAt = Number.NaN;
  readonly #client: WireClient;
  readonly #ledger: LeaseLedger;
  /** Not seen gone yet, in the order of their due times. */
  #probes: number[];
  #series = new Series('expiry');

  constructor(client: WireClient, ledger: LeaseLedger, numbers: Int32Array) {
    this.#client = client;
    this.#ledger = ledger;
    const byDue = numbers.slice().sort((a, b) => ledger.dueAt(a) - ledger.dueAt(b));
    const count = Math.min(PROBES, byDue.length);
    // The very last one is among them.
    this.#probes = Array.from(
      { length: count },
      (_, index) => byDue[Math.ceil(((index + 1) * byDue.length) / count) - 1]!,
    );
  }

  async look(): Promise<void> {
    // etcd ends them in about this order: where one of the first is still there, those after it are, too.
    for (let isAnyLeft = false; !isAnyLeft; ) {
      const now = performance.now();
      const first = this.#probes.slice(0, PROBES_AT_ONCE).filter((number) => this.#ledger.dueAt(number) <= now);
      // One that is not answered is asked again by the next look.
      const isGone = await Promise.all(first.map((number) => this.#isGone(number).catch(() => false)));
      const gone = new Set(first.filter((_, index) => isGone[index]));
      this.#probes = this.#probes.filter((number) => !gone.has(number));
      isAnyLeft = gone.size < PROBES_AT_ONCE;
    }
  }

  take(): Series {
    const series = this.#series;
    this.#series = new Series('expiry');
    return series;
  }

  close(): void {}

  async #isGone(number: number): Promise<boolean> {
    const { ttlSeconds } = await this.#client.leaseTimeToLive(BigInt(this.#ledger.idOf(number)));
    if (ttlSeconds !== -1) return false;
    this.lastGoneAt = performance.now();
    this.#series.ok += 1;
    this.#series.latency.record((this.lastGoneAt - this.#ledger.dueAt(number)) * NS_PER_MS);
    return true;
  }
}

/** Of every lease, by the deletion of the key that is attached to it. */
export class WatchedLags implements ExpiryLags {
  lastGoneAt = Number.NaN;
  readonly #ledger: LeaseLedger;
  readonly #keys: KeySpace;
  readonly #prefixBytes: number;
  readonly #watcher: { close(): void };
  #series = new Series('expiry');

  /** Resolves when the watch is in place. */
  static open(client: WireClient, ledger: LeaseLedger, keys: KeySpace): Promise<WatchedLags> {
    return new Promise((resolve, reject) => {
      const onCanceled = ({ reason }: { readonly reason: string }) =>
        reject(new OperationError(`the watch of the attached keys was refused: ${reason}`, { where: client.endpoint }));
      const lags: WatchedLags = new WatchedLags(client, ledger, keys, { onCreated: () => resolve(lags), onCanceled });
    });
  }

  private constructor(
    client: WireClient,
    ledger: LeaseLedger,
    keys: KeySpace,
    handlers: Pick<WatchHandlers, 'onCreated' | 'onCanceled'>,
  ) {
    this.#ledger = ledger;
    this.#keys = keys;
    this.#prefixBytes = Buffer.byteLength(keys.prefix);
    this.#watcher = client.watch(
      { key: keys.prefix, prefix: true },
      { ...handlers, onEvents: (events) => this.#onEvents(events, performance.now()) },
    );
  }

  async look(): Promise<void> {}

  take(): Series {
    const series = this.#series;
    this.#series = new Series('expiry');
    return series;
  }

  close(): void {
    this.#watcher.close();
  }

  #onEvents(events: readonly WatchEvent[], now: number): void {
    for (const { type, kv } of events) {
      if (type !== 'delete' || kv.key.length !== this.#prefixBytes + this.#keys.digits) continue;
      const number = Number(kv.key.toString('latin1', this.#prefixBytes));
      if (!(number < this.#ledger.ids.count) || !this.#ledger.isKept(number)) continue;
      this.lastGoneAt = now;
      this.#series.ok += 1;
      this.#series.latency.record((now - this.#ledger.dueAt(number)) * NS_PER_MS);
    }
  }
}
