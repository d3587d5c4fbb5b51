import { setTimeout as sleep } from 'node:timers/promises';
import { OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { type LeaseLedger, LeaseState, listLeases } from '@etcdperf/core/leases';
import type { WireClient } from '@etcdperf/core/wire';
import { Backlog, type BacklogSample, type ExpiryReport } from './backlog.ts';
import { DueTimes } from './due-times.ts';
import type { ExpiryLags } from './expiry-lags.ts';
import { ExpiredCounter } from './gone-counter.ts';

export interface ExpiryOptions {
  /** Of all members: which of them leads, and ends leases, may change. */
  readonly access: ClusterAccess;
  readonly client: WireClient;
  readonly ledger: LeaseLedger;
  /** The leases that run out, by their numbers. */
  readonly numbers: Int32Array;
  readonly lags: ExpiryLags;
  readonly onSample: (sample: BacklogSample) => void;
  readonly signal: AbortSignal;
}

/** How often single leases are looked at. */
const LOOK_MS = 100;
/** How often all are counted: etcd looks for leases that ran out every 500 ms. */
const COUNT_MS = 500;
/** etcd sorts all leases for a list of them: not more often than this. */
const LIST_MS = 2000;
/** All are due, and for so long none was ended. */
const STALL_MS = 120_000;

/**
 * Waits until etcd has ended all leases whose time is over. When `signal` is aborted it returns what is known by then;
 * rejects with an OperationError when nothing goes on any more.
 */
export async function awaitExpiry(options: ExpiryOptions): Promise<ExpiryReport> {
  const { access, ledger, numbers, lags, signal } = options;
  const startedAt = performance.now();
  const due = new DueTimes(ledger, numbers);
  const backlog = new Backlog(due, startedAt);
  let counter = await ExpiredCounter.open(access, signal).catch(() => undefined);
  const seenBy = () => (counter === undefined ? 'lease list' : 'metrics');
  let countedAt = 0;
  let listedAt = startedAt;
  while (!signal.aborted) {
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    await lags.look();
    if (performance.now() - countedAt < COUNT_MS) continue;
    countedAt = performance.now();
    const counted = await counter?.count(signal).catch(() => undefined);
    if (counted !== undefined) options.onSample(backlog.note(Math.min(counted, numbers.length), performance.now()));
    throwIfStalled(options, backlog, due);
    // Others' leases are counted as well: ours are all gone when the list says so.
    const isAskingTime = counted === undefined || counted >= numbers.length || countedAt - backlog.changedAt > LIST_MS;
    if (!isAskingTime || countedAt < due.first || countedAt - listedAt < LIST_MS) continue;
    // Metrics of some members only: whoever ends the leases is not among them, as the list before has told.
    if (counted === 0 && backlog.gone > 0) counter = undefined;
    const left = await countLeft(options);
    listedAt = performance.now();
    if (left !== undefined) options.onSample(backlog.note(numbers.length - left, listedAt));
    if (left !== 0) continue;
    for (const number of numbers) ledger.set(number, LeaseState.gone);
    return backlog.report(seenBy(), lastMoment(seenBy(), backlog.changedAt, lags.lastGoneAt));
  }
  return backlog.report(seenBy(), undefined);
}

/** How many of them etcd lists; undefined: it didn't answer. */
async function countLeft({ client, ledger, signal }: ExpiryOptions): Promise<number | undefined> {
  const listed = await listLeases(client, ledger, signal).catch(() => undefined);
  return listed?.reduce((count, number) => (ledger.isKept(number) ? count + 1 : count), 0);
}

function throwIfStalled({ client, numbers }: ExpiryOptions, backlog: Backlog, due: DueTimes): void {
  if (performance.now() - Math.max(backlog.changedAt, due.last) <= STALL_MS) return;
  throw new OperationError(`etcd does not end leases any more: ${numbers.length - backlog.gone} are left`, {
    where: client.endpoint,
    hint: 'look at its log, and whether it has a leader',
  });
}

/** When the last lease went: a counter knows it of all, the list only says that it was before. */
function lastMoment(seenBy: ExpiryReport['seenBy'], changedAt: number, lastGoneAt: number): number {
  if (Number.isNaN(lastGoneAt)) return changedAt;
  return seenBy === 'metrics' ? Math.max(changedAt, lastGoneAt) : lastGoneAt;
}
