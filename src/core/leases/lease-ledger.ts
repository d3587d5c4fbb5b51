import { type LeaseIds, leaseNumber } from './lease-ids.ts';

/** What is known of a lease. */
export const LeaseState = {
  /** Not asked for, or refused. */
  none: 0,
  /** Asked for without an answer: a keepalive will tell. */
  uncertain: 1,
  held: 2,
  /** etcd let it run out although it was to be kept alive. */
  lost: 3,
  /** etcd was asked to revoke it and has not answered. */
  ending: 4,
  /** Ended as it should. */
  gone: 5,
} as const;
export type LeaseState = (typeof LeaseState)[keyof typeof LeaseState];

const STATES = 6;

/**
 * What is known of each of very many leases: 17 bytes for one, in typed arrays. Times are by performance.now(). Leases
 * are called by their numbers, 0 to `ids.count - 1`.
 */
export class LeaseLedger {
  readonly ids: LeaseIds;
  /** What etcd granted; 0 until it has granted any. */
  ttlSeconds = 0;
  readonly #states: Uint8Array;
  readonly #sentAt: Float64Array;
  readonly #renewedAt: Float64Array;
  readonly #counts: number[] = new Array<number>(STATES).fill(0);

  constructor(ids: LeaseIds) {
    this.ids = ids;
    this.#states = new Uint8Array(ids.count);
    this.#sentAt = new Float64Array(ids.count);
    this.#renewedAt = new Float64Array(ids.count);
    this.#counts[LeaseState.none] = ids.count;
  }

  count(state: LeaseState): number {
    return this.#counts[state]!;
  }

  state(number: number): LeaseState {
    return this.#states[number] as LeaseState;
  }

  idOf(number: number): number {
    return this.ids.first + number;
  }

  /** -1: none of ours. */
  numberOf(id: number | bigint): number {
    return leaseNumber(this.ids, id);
  }

  set(number: number, state: LeaseState): void {
    this.#counts[this.#states[number]!]! -= 1;
    this.#counts[state]! += 1;
    this.#states[number] = state;
  }

  /** It is to be kept alive. */
  isKept(number: number): boolean {
    const state = this.#states[number];
    return state === LeaseState.held || state === LeaseState.uncertain;
  }

  /** How many can exist in etcd. */
  get existingCount(): number {
    return this.count(LeaseState.held) + this.count(LeaseState.uncertain) + this.count(LeaseState.ending);
  }

  /** The numbers of all that can exist in etcd, ascending. */
  existing(): Int32Array {
    const numbers = new Int32Array(this.existingCount);
    let at = 0;
    for (let number = 0; number < this.ids.count; number += 1) {
      if (!this.isKept(number) && this.#states[number] !== LeaseState.ending) continue;
      numbers[at] = number;
      at += 1;
    }
    return numbers;
  }

  /** The numbers of all that etcd has not: never granted, or let run out. Ascending. */
  absent(): Int32Array {
    const numbers = new Int32Array(this.count(LeaseState.none) + this.count(LeaseState.lost));
    let at = 0;
    for (let number = 0; at < numbers.length; number += 1) {
      if (this.#states[number] !== LeaseState.none && this.#states[number] !== LeaseState.lost) continue;
      numbers[at] = number;
      at += 1;
    }
    return numbers;
  }

  /** A keepalive is due, and sent if that is possible. */
  onSent(number: number, at: number): void {
    this.#sentAt[number] = at;
  }

  /** When the keepalive was due that the last answer, or the next, belongs to. */
  sentAt(number: number): number {
    return this.#sentAt[number]!;
  }

  /** etcd granted it, or kept it alive. */
  onRenewed(number: number, at: number, ttlSeconds: number): void {
    this.#renewedAt[number] = at;
    this.ttlSeconds = ttlSeconds;
    if (this.#states[number] !== LeaseState.held) this.set(number, LeaseState.held);
  }

  /** Whether it was granted is not known; if so, it was before `at`. */
  onUncertain(number: number, at: number): void {
    this.#renewedAt[number] = at;
    this.set(number, LeaseState.uncertain);
  }

  /** A keepalive was due and has no answer yet. */
  isAwaited(number: number): boolean {
    return this.#sentAt[number]! > this.#renewedAt[number]!;
  }

  /** When it runs out unless it is kept alive again: no earlier than etcd will end it. */
  dueAt(number: number): number {
    return this.#renewedAt[number]! + this.ttlSeconds * 1000;
  }
}
