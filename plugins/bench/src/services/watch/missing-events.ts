import type { ErrorCount, Series } from '@etcdperf/core/load';
import { tellRefusals, type WatchFleet } from '@etcdperf/core/watches';
import type { WatchLedger } from './watch-ledger.ts';

/** Events that never came to a watcher, although what they tell of happened. */
export interface MissingEvents {
  /** Its watch stands: etcd will not send them any more. */
  readonly lost: number;
  /** Its watch does not stand, or the run was cut short: nobody can tell. */
  readonly undelivered: number;
}

/** After `ledger.settle()`, when nothing more is waited for. */
export function missingEvents(ledger: WatchLedger, fleet: WatchFleet, isCutShort: boolean): MissingEvents {
  let lost = 0;
  let undelivered = 0;
  // Looking at each watcher is for when there is something to find.
  for (let watcher = 0; ledger.missing > 0 && watcher < fleet.targets.length; watcher += 1) {
    const { missing } = ledger.countsOf(watcher);
    if (isCutShort || !fleet.isInPlace(watcher)) undelivered += missing;
    else lost += missing;
  }
  return { lost, undelivered };
}

/** Counts them in a series of events, and says so in words; watches that etcd ended for good as well. */
export function tellMissing(series: Series, { lost, undelivered }: MissingEvents, fleet: WatchFleet): ErrorCount[] {
  series.fail += lost;
  series.unknown += undelivered;
  const errors: ErrorCount[] = [];
  if (lost > 0)
    errors.push({ message: 'an event never came, although its watch stands', outcome: 'fail', count: lost });
  if (undelivered > 0)
    errors.push({ message: 'an event had not come when the run ended', outcome: 'unknown', count: undelivered });
  return [...errors, ...tellRefusals(fleet)];
}
