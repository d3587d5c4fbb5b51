import { AwaitedEvents } from './awaited-events.ts';
import { EventLedger } from './event-ledger.ts';
import { KeyLedger } from './key-ledger.ts';
import { OpenPuts } from './open-puts.ts';

/** How much of what is kept fits into so many bytes: two thirds for keys, a sixth for open puts and for events each. */
export function planMemory(bytes: number): {
  readonly keys: number;
  readonly openPuts: number;
  readonly awaitedEvents: number;
} {
  const headOfPuts = 4;
  const share = (part: number, bytesEach: number) => Math.max(1, Math.floor((bytes * part) / bytesEach));
  return {
    keys: share(2 / 3, KeyLedger.bytesEach + headOfPuts + EventLedger.bytesEach),
    openPuts: share(1 / 6, OpenPuts.bytesEach),
    awaitedEvents: share(1 / 6, AwaitedEvents.bytesEach),
  };
}
