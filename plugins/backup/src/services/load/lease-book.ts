import { setTimeout as sleep } from 'node:timers/promises';
import { type WireClient, WireError, type WireErrorReason } from '@etcdperf/core/wire';
import type { KeyRecord } from '../../contents/key-record.ts';

const AT_ONCE = 256;
const RETRY_MS = 250;
const SWEEP_MS = 500;
/** PutRequest.lease, a varint. */
const LEASE_TAG = 3 << 3;
const NO_LEASE = Buffer.alloc(0);

export interface LeaseCounts {
  /** Granted, under the ids that they had. */
  readonly granted: number;
  /** Of these, those to which etcd gave more time than they had left. */
  readonly raised: number;
  /** There already: their keys are attached to them. */
  readonly found: number;
  /** Gone when they were dumped. */
  readonly gone: number;
  /** Ran out during the load, since etcd could not be reached. */
  readonly lost: number;
}

export interface LeaseBookOptions {
  readonly client: WireClient;
  readonly patienceMs: number;
  /** Leases that were granted again by an earlier process, which perhaps didn't put all of their keys again. */
  readonly unsettled: ReadonlySet<bigint>;
  /** Told before a key is put with one of them. */
  readonly onGranted: (leases: readonly bigint[]) => void;
  readonly signal: AbortSignal;
}

interface Lease {
  readonly field: Buffer;
  /** Whether it was granted just now: keys that had it before are gone. */
  readonly isNew: boolean;
  ttlMs: number;
  renewAt: number;
  isAsked: boolean;
}

/** The leases of a dump: each is granted when its first key comes by, and kept alive until `settle()`. */
export class LeaseBook implements Disposable {
  readonly #options: LeaseBookOptions;
  readonly #leases = new Map<bigint, Lease>();
  readonly #gone = new Set<bigint>();
  readonly #lost = new Set<bigint>();
  readonly #sweep: NodeJS.Timeout;
  #raised = 0;
  #found = 0;

  constructor(options: LeaseBookOptions) {
    this.#options = options;
    this.#sweep = setInterval(() => this.#renewDue(), SWEEP_MS);
  }

  get counts(): LeaseCounts {
    const [raised, found] = [this.#raised, this.#found];
    const granted = this.#leases.size - found;
    return { granted, raised, found, gone: this.#gone.size, lost: this.#lost.size };
  }

  /** Grants those leases of the records that are new. Rejects when etcd refuses, or can't be reached for too long. */
  async require(records: readonly KeyRecord[]): Promise<void> {
    const asked = new Map<bigint, number>();
    for (const { lease, ttlSeconds = -1 } of records) {
      if (lease === 0n || this.#leases.has(lease) || this.#gone.has(lease)) continue;
      if (ttlSeconds < 0) this.#gone.add(lease);
      else asked.set(lease, ttlSeconds);
    }
    if (asked.size === 0) return;
    const granted: bigint[] = [];
    const waiting = asked.entries();
    const goOn = async () => {
      for (const [lease, ttlSeconds] of waiting) if (await this.#grant(lease, ttlSeconds)) granted.push(lease);
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, asked.size) }, goOn));
    if (granted.length > 0) this.#options.onGranted(granted);
  }

  /** The lease's field of a PutRequest; empty where there is none (any more). */
  fieldOf(lease: bigint): Buffer {
    return this.#leases.get(lease)?.field ?? NO_LEASE;
  }

  /** Whether keys with this lease have to be put although they were acknowledged before. */
  isAgain(lease: bigint): boolean {
    return this.#leases.get(lease)?.isNew ?? false;
  }

  /** The time that they have left begins now. Resolves when all were asked once more; never rejects. */
  async settle(): Promise<void> {
    clearInterval(this.#sweep);
    const waiting = this.#leases.entries();
    const goOn = async () => {
      for (const [id, lease] of waiting) if (!this.#lost.has(id)) await this.#renew(id, lease);
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, this.#leases.size) }, goOn));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweep);
  }

  /** Resolves with whether keys that were put with it before are gone. */
  async #grant(id: bigint, ttlSeconds: number): Promise<boolean> {
    const { client, signal, unsettled } = this.#options;
    let mayBeOurs = false;
    const giveUpAt = performance.now() + this.#options.patienceMs;
    for (;;) {
      try {
        const asked = Math.max(1, ttlSeconds);
        const granted = await client.leaseGrant(asked, id, { signal });
        if (granted.ttlSeconds > asked) this.#raised += 1;
        this.#note(id, granted.ttlSeconds, true);
        return true;
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        if (/already exists/.test(error.message)) {
          const isNew = mayBeOurs || unsettled.has(id);
          if (!mayBeOurs) this.#found += 1;
          this.#note(id, Math.max(1, ttlSeconds), isNew);
          return isNew;
        }
        if (!isPassing(error.reason) || performance.now() > giveUpAt) throw error;
        mayBeOurs ||= error.outcome === 'unknown';
        await sleep(RETRY_MS, undefined, { signal });
      }
    }
  }

  #note(id: bigint, ttlSeconds: number, isNew: boolean): void {
    const ttlMs = ttlSeconds * 1000;
    const renewAt = performance.now() + ttlMs / 3;
    this.#leases.set(id, { field: leaseField(id), isNew, ttlMs, renewAt, isAsked: false });
  }

  #renewDue(): void {
    const now = performance.now();
    for (const [id, lease] of this.#leases)
      if (lease.renewAt <= now && !this.#lost.has(id)) void this.#renew(id, lease);
  }

  /** Never rejects: what was not answered is asked again. */
  async #renew(id: bigint, lease: Lease): Promise<void> {
    if (lease.isAsked) return;
    lease.isAsked = true;
    try {
      const { ttlSeconds } = await this.#options.client.leaseKeepAlive(id);
      if (ttlSeconds <= 0) this.#lost.add(id);
      lease.ttlMs = ttlSeconds * 1000;
      lease.renewAt = performance.now() + lease.ttlMs / 3;
    } catch {
      lease.renewAt = performance.now() + RETRY_MS;
    }
    lease.isAsked = false;
  }
}

/** Another try may succeed. */
function isPassing(reason: WireErrorReason): boolean {
  switch (reason) {
    case 'connection':
    case 'deadline':
    case 'no-leader':
    case 'too-many-requests':
    case 'server-timeout':
    case 'server-stopped':
    case 'stale-token':
    case 'protocol':
      return true;
    default:
      return false;
  }
}

function leaseField(id: bigint): Buffer {
  const bytes = [LEASE_TAG];
  let rest = BigInt.asUintN(64, id);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
