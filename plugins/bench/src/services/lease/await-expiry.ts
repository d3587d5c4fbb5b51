import { setTimeout as sleep } from 'node:timers/promises';
import { OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { WireClient } from '@etcdperf/core/wire';
import { DueTimes } from './due-times.ts';
import type { ExpiryLags } from './expiry-lags.ts';
import { ExpiredCounter, listLeases } from './gone-counter.ts';
import { type LeaseLedger, LeaseState } from './lease-ledger.ts';

/** How far etcd is, at one moment. */
export interface BacklogSample {
  /** Since keepalives ended. */
  readonly atMs: number;
  /** How many leases' time was over. */
  readonly due: number;
  readonly gone: number;
  /** Due and not gone. */
  readonly overdue: number;
}

/** How etcd got rid of leases that ran out. Times count from the end of the keepalives. */
export interface ExpiryReport {
  readonly leases: number;
  readonly firstDueMs: number;
  readonly lastDueMs: number;
  /** When none was left. Undefined: it was not waited for. */
  readonly lastGoneMs: number | undefined;
  /** Still there when the waiting ended. */
  readonly left: number;
  readonly mostOverdue: number;
  /** From the first that was seen gone until the last. */
  readonly gonePerSec: number | undefined;
  /** What the counts are from. */
  readonly seenBy: 'metrics' | 'lease list';
}

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

/** etcd looks for leases that ran out every 500 ms. */
const LOOK_MS = 100;
const SAMPLE_MS = 500;
/** etcd sorts all leases for a list of them: not more often than this. */
const LIST_MS = 2000;
/** All are due, and for so long none was ended. */
const STALL_MS = 120_000;

/**
 * Waits until etcd has ended all leases whose time is over. When `signal` is aborted it returns what is known by then;
 * rejects with an OperationError when nothing goes on any more.
 */
export async function awaitExpiry(options: ExpiryOptions): Promise<ExpiryReport> {
  const { access, client, ledger, numbers, lags, signal } = options;
  const startedAt = performance.now();
  const due = new DueTimes(ledger, numbers);
  let counter = await ExpiredCounter.open(access, signal).catch(() => undefined);
  const progress = { gone: 0, changedAt: startedAt, firstGoneAt: Number.NaN, mostOverdue: 0, listedAt: startedAt };
  const sinceStart = (at: number) => Math.round(at - startedAt);

  const note = (gone: number, now: number) => {
    if (gone > progress.gone) {
      if (progress.gone === 0) progress.firstGoneAt = now;
      progress.gone = gone;
      progress.changedAt = now;
    }
    const dueNow = due.countBy(now);
    const overdue = Math.max(0, dueNow - progress.gone);
    progress.mostOverdue = Math.max(progress.mostOverdue, overdue);
    options.onSample({ atMs: sinceStart(now), due: dueNow, gone: progress.gone, overdue });
  };
  const report = (lastGoneAt: number | undefined): ExpiryReport => {
    const seconds = lastGoneAt === undefined ? Number.NaN : (lastGoneAt - progress.firstGoneAt) / 1000;
    return {
      leases: numbers.length,
      firstDueMs: sinceStart(due.first),
      lastDueMs: sinceStart(due.last),
      lastGoneMs: lastGoneAt === undefined ? undefined : sinceStart(lastGoneAt),
      left: numbers.length - progress.gone,
      mostOverdue: progress.mostOverdue,
      gonePerSec: seconds > 0 ? Math.round(numbers.length / seconds) : undefined,
      seenBy: counter === undefined ? 'lease list' : 'metrics',
    };
  };

  for (let sampledAt = 0; !signal.aborted; ) {
    await lags.look();
    let now = performance.now();
    if (now - sampledAt >= SAMPLE_MS) {
      sampledAt = now;
      const isListDue = now - progress.listedAt >= LIST_MS && now >= due.first;
      const counted = counter === undefined ? undefined : await counter.count(signal).catch(() => undefined);
      now = performance.now();
      // Others' leases are counted as well: ours are all gone when the list says so.
      const looksDone = counted === undefined || counted >= numbers.length || now - progress.changedAt > LIST_MS;
      if (looksDone && isListDue) {
        progress.listedAt = now;
        const listed = await listLeases(client, ledger, signal).catch(() => undefined);
        const left = listed?.filter((number) => ledger.isKept(number));
        now = performance.now();
        // Metrics of some members only: whoever ends the leases is not among them, as the list before has told.
        if (counted === 0 && progress.gone > 0) counter = undefined;
        if (left !== undefined) note(numbers.length - left.length, now);
        if (left?.length === 0) {
          for (const number of numbers) ledger.set(number, LeaseState.gone);
          return report(lastMoment(counter !== undefined, progress.changedAt, lags.lastGoneAt));
        }
        progress.listedAt = performance.now();
      } else if (counted !== undefined) note(Math.min(counted, numbers.length), now);
      if (now - Math.max(progress.changedAt, due.last) > STALL_MS)
        throw new OperationError(`etcd does not end leases any more: ${report(undefined).left} are left`, {
          where: client.endpoint,
          hint: 'look at its log, and whether it has a leader',
        });
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  return report(undefined);
}

/** When the last lease went: a counter knows it of all, the list only says that it was before. */
function lastMoment(isCounted: boolean, changedAt: number, lastGoneAt: number): number {
  if (Number.isNaN(lastGoneAt)) return changedAt;
  return isCounted ? Math.max(changedAt, lastGoneAt) : lastGoneAt;
}
