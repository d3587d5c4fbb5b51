import type { EventLedger } from './event-ledger.ts';
import { Held, type KeyLedger } from './key-ledger.ts';
import { Standing, type WatcherStates } from './watcher-states.ts';

/** How many watchers that see a key stand where. */
interface Standings {
  all: number;
  allMarks: number;
  passed: number;
  passedMarks: number;
  there: number;
  behind: number;
  readonly whoPassed: number[];
}

/** What is known of the watchers when it is looked at what they told. */
export type WatchEnd =
  /** They go on. */
  | 'goes-on'
  /** Nothing was written for a while: whoever told an event of a revision told all of it. */
  | 'over'
  /** And all watches stand: what did not come won't. */
  | 'all-stand';

/** The places in the pool of awaited events to look at: `from` to before `to`. */
export interface Places {
  readonly from: number;
  readonly to: number;
}

/**
 * Looks through awaited events for what watchers have left out, tells it, and forgets what nobody is to tell any more.
 * Returns how many of them are still awaited for certain.
 */
export function findLostEvents(
  ledger: KeyLedger,
  events: EventLedger,
  end: WatchEnd,
  { from, to }: Places = { from: 1, to: events.awaited.end },
): number {
  const { awaited, watchers } = events;
  let left = 0;
  for (let place = from; place < to; place += 1) {
    if (!awaited.isInUse(place)) continue;
    const slot = awaited.slotAt(place);
    const key = ledger.keys.keyOf(slot);
    if (awaited.isToldByAll(place)) {
      if (isClaimed(ledger, events, place, slot, key)) events.forget(place);
      continue;
    }
    const standings = standingsAt(watchers, key, awaited.revisionAt(place), end);
    const told = standings.all - awaited.leftAt(place);
    const toldMarks = (standings.allMarks - awaited.marksAt(place)) | 0;
    const isMissed = told !== standings.passed || toldMarks !== standings.passedMarks;
    const isNone = awaited.isOptional(place) && told === 0;
    if (standings.there > 0) left += isNone ? 0 : 1;
    else if (isMissed && !isNone) {
      tell(ledger, events, place, key, standings, told, toldMarks);
      events.forget(place);
    } else if (standings.behind > 0) left += isNone ? 0 : 1;
    else if (isClaimed(ledger, events, place, slot, key)) events.forget(place);
  }
  return left;
}

function standingsAt(watchers: WatcherStates, key: number, revision: number, end: WatchEnd): Standings {
  const found: Standings = { all: 0, allMarks: 0, passed: 0, passedMarks: 0, there: 0, behind: 0, whoPassed: [] };
  watchers.each(key, (watcher) => {
    const mark = watchers.markOf(watcher);
    const standing = watchers.standingAt(watcher, revision);
    found.all += 1;
    found.allMarks = (found.allMarks + mark) | 0;
    if (
      standing === Standing.passed ||
      (standing === Standing.there && end !== 'goes-on') ||
      (standing === Standing.behind && end === 'all-stand')
    ) {
      found.passed += 1;
      found.passedMarks = (found.passedMarks + mark) | 0;
      found.whoPassed.push(watcher);
    } else if (standing === Standing.there) found.there += 1;
    else if (standing === Standing.behind) found.behind += 1;
  });
  return found;
}

function tell(
  { findings }: KeyLedger,
  { awaited, watchers }: EventLedger,
  place: number,
  key: number,
  { passed, passedMarks, whoPassed }: Standings,
  told: number,
  toldMarks: number,
): void {
  const revision = awaited.revisionAt(place);
  const held = awaited.heldAt(place);
  const what = held >= 0 ? `write ${held}` : 'a delete';
  if (told > passed) {
    findings.add('duplicate-event', key, revision, `${what}: told ${told} times by ${passed} watchers`);
    return;
  }
  const mark = (passedMarks - toldMarks) | 0;
  const one = passed - told === 1 ? whoPassed.find((watcher) => watchers.markOf(watcher) === mark) : undefined;
  const who = one === undefined ? `${Math.max(1, passed - told)} of ${passed} watchers` : `watcher ${one}`;
  findings.add('lost-event', key, revision, `${what} was never told to ${who}`);
}

/** Whether no answer can still say what an event that all watchers told was. */
function isClaimed(ledger: KeyLedger, events: EventLedger, place: number, slot: number, key: number): boolean {
  const { awaited } = events;
  if (awaited.isClaimed(place)) return true;
  const held = awaited.heldAt(place);
  if (held !== Held.deleted) {
    const open = ledger.puts.find(slot, held);
    return open === 0 || ledger.puts.isUnknown(open);
  }
  if (ledger.deletes.overlaps(key, key + 1, false)) return false;
  if (!ledger.deletes.hadUnknown && !ledger.mayBeDeleted(slot))
    ledger.findings.add('foreign-write', key, awaited.revisionAt(place), 'deleted by none of ours');
  return true;
}
