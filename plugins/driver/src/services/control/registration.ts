import { setTimeout as sleep } from 'node:timers/promises';
import { type Compare, type Txn, type WireClient, WireError } from '@etcdperf/core/wire';
import { controlKeys } from './control-keys.ts';
import { type DriverRecord, parseRecord } from './driver-record.ts';
import type { Trouble } from './trouble.ts';

export interface RegistrationOptions {
  readonly client: WireClient;
  readonly endKey: string;
  /** So long a dead driver stays registered; long enough to outlive a failover of etcd. */
  readonly ttlSeconds: number;
  readonly trouble: Trouble;
  /** Another process goes by this name now: this one was given up for dead. */
  readonly onSuperseded: (by: DriverRecord) => void;
  readonly signal: AbortSignal;
}

const REVOKE_TIMEOUT_MS = 1000;

/** A registration is ended all the same where nobody answers for so long. */
const END_MS = 1500;

/** What a try to register came to: done, or what was in the way. */
export type Claim =
  | { readonly kind: 'registered'; readonly registration: Registration }
  | { readonly kind: 'taken' }
  | { readonly kind: 'end-key-changed' };

/** A driver's key under a lease. It is kept alive, and made anew when the cluster lost it or was away for too long. */
export class Registration {
  readonly #options: RegistrationOptions;
  readonly #key: string;
  readonly #done = new AbortController();
  #record: DriverRecord;
  #lease: bigint;
  #ttlSeconds: number;
  #isTold = true;
  #work: Promise<void> | undefined;

  private constructor(options: RegistrationOptions, record: DriverRecord, lease: bigint, ttlSeconds: number) {
    this.#options = options;
    this.#key = controlKeys(options.endKey, record.name).live;
    this.#record = record;
    this.#lease = lease;
    this.#ttlSeconds = ttlSeconds;
  }

  /**
   * Registers, unless the name is taken. Rejects with a WireError.
   *
   * @param endKeyRevision of the last change of the end key, 0: not there; undefined: whatever became of it
   */
  static async claim(
    options: RegistrationOptions,
    record: DriverRecord,
    endKeyRevision: number | undefined,
  ): Promise<Claim> {
    const { client, endKey, ttlSeconds } = options;
    const { live, done } = controlKeys(endKey, record.name);
    const lease = await client.leaseGrant(ttlSeconds);
    const registration = new Registration(options, record, lease.id, lease.ttlSeconds);
    const guard: Compare[] =
      endKeyRevision === undefined ? [] : [{ key: endKey, target: 'mod', is: '=', value: endKeyRevision }];
    const answer = await client.txn({
      compare: [{ key: live, target: 'create', is: '=', value: 0 }, ...guard],
      success: [registration.#put(), { kind: 'delete', key: done }],
      failure: [{ kind: 'range', key: live, keysOnly: true }],
    });
    if (answer.succeeded) {
      registration.#work = registration.#keepAlive();
      return { kind: 'registered', registration };
    }
    await registration.#revoke();
    const [holder] = answer.responses;
    return { kind: holder?.kind === 'range' && holder.kvs.length > 0 ? 'taken' : 'end-key-changed' };
  }

  get record(): DriverRecord {
    return this.#record;
  }

  /** What holds as long as this registration does. */
  get fence(): readonly Compare[] {
    return [{ key: this.#key, target: 'lease', is: '=', value: this.#lease }];
  }

  /** Others see it with the next keepalive. */
  setPhase(phase: DriverRecord['phase']): void {
    if (this.#record.phase === phase) return;
    this.#record = { ...this.#record, phase };
    this.#isTold = false;
  }

  /** Never rejects: what can't be taken back goes with the lease. */
  async end(): Promise<void> {
    this.#done.abort();
    const patience = new AbortController();
    await Promise.race([this.#work, sleep(END_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    await this.#revoke();
  }

  async #keepAlive(): Promise<void> {
    const { client, trouble } = this.#options;
    const signal = AbortSignal.any([this.#options.signal, this.#done.signal]);
    for (;;) {
      // While nobody answers, often: the successor is not to be faster.
      const waitMs = trouble.isThere ? 1000 : (this.#ttlSeconds * 1000) / 3;
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const { ttlSeconds } = await client.leaseKeepAlive(this.#lease);
        if (ttlSeconds === 0) await this.#registerAgain();
        if (!this.#isTold) await this.#tell();
        trouble.worked();
      } catch (error) {
        if (error instanceof WireError && error.reason === 'deadline') client.moveOn('no answer about the lease');
        trouble.failed(error);
      }
    }
  }

  async #registerAgain(): Promise<void> {
    const { client, ttlSeconds, onSuperseded } = this.#options;
    const lease = await client.leaseGrant(ttlSeconds);
    if (this.#done.signal.aborted) return;
    this.#lease = lease.id;
    this.#ttlSeconds = lease.ttlSeconds;
    const { succeeded, responses } = await client.txn({
      compare: [{ key: this.#key, target: 'create', is: '=', value: 0 }],
      success: [this.#put()],
      failure: [{ kind: 'range', key: this.#key }],
    });
    if (succeeded) return;
    const [found] = responses;
    const value = found?.kind === 'range' ? found.kvs[0]?.value : undefined;
    const holder = value === undefined ? undefined : parseRecord<DriverRecord>(value);
    if (holder === undefined || holder.id === this.#record.id) await client.txn({ success: [this.#put()] });
    else onSuperseded(holder);
  }

  async #tell(): Promise<void> {
    await this.#options.client.txn({ compare: this.fence, success: [this.#put()] });
    this.#isTold = true;
  }

  #put(): NonNullable<Txn['success']>[number] {
    return { kind: 'put', key: this.#key, value: JSON.stringify(this.#record), lease: this.#lease };
  }

  async #revoke(): Promise<void> {
    await this.#options.client.leaseRevoke(this.#lease, { timeoutMs: REVOKE_TIMEOUT_MS }).catch(() => undefined);
  }
}
