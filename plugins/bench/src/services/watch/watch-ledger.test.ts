import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sighting, WatchLedger } from './watch-ledger.ts';

describe('WatchLedger', () => {
  test('each watcher has each write once and in order: nothing to say', () => {
    const ledger = new WatchLedger([0, 0, 1], 2);
    expect(ledger.onEvent(0, 5)).toBe(Sighting.first);
    expect(ledger.onEvent(1, 5)).toBe(Sighting.fresh);
    expect(ledger.onEvent(2, 6)).toBe(Sighting.first);
    ledger.onWrite(0, 5);
    ledger.onWrite(1, 6);
    ledger.settle(2, 2);
    expect(ledger).toMatchObject({ expected: 3, delivered: 3, missing: 0, duplicated: 0, reordered: 0 });
  });

  test('a write that was acknowledged and told to nobody is missing for all who watch it', () => {
    const ledger = new WatchLedger([0, 0], 1);
    ledger.onWrite(0, 7);
    ledger.settle(1, 1);
    expect(ledger.missing).toBe(2);
    expect(ledger.countsOf(1)).toMatchObject({ delivered: 0, missing: 1 });
  });

  test('what one watcher saw and another did not is missing there, acknowledged or not', () => {
    const ledger = new WatchLedger([0, 0], 1);
    for (const revision of [3, 4, 5]) ledger.onEvent(0, revision);
    for (const revision of [3, 5]) ledger.onEvent(1, revision);
    ledger.settle(3, 3);
    expect(ledger.countsOf(0)).toMatchObject({ delivered: 3, missing: 0 });
    expect(ledger.countsOf(1)).toMatchObject({ delivered: 2, missing: 1 });
    // It comes late: not lost, but out of order. A second time it is a duplicate.
    expect(ledger.onEvent(1, 4)).toBe(Sighting.fresh);
    expect(ledger.onEvent(1, 4)).toBe(Sighting.duplicate);
    ledger.onDuplicate(1);
    expect(ledger.countsOf(1)).toMatchObject({ delivered: 3, missing: 0, reordered: 1, duplicated: 1 });
  });

  test('compacted under a watcher: a gap, neither delivered nor missing', () => {
    const ledger = new WatchLedger([0, 0], 1);
    for (const revision of [3, 4, 5, 6]) ledger.onEvent(0, revision);
    ledger.onEvent(1, 3);
    ledger.onGap(1, 5);
    ledger.settle(4, 4);
    ledger.onEvent(1, 6);
    expect(ledger.countsOf(1)).toMatchObject({ delivered: 2, missing: 0, compacted: 2 });
    expect(ledger).toMatchObject({ missing: 0, compacted: 2 });
  });

  test('compacted, and only afterwards known to have been written', () => {
    const ledger = new WatchLedger([0], 1);
    ledger.onEvent(0, 3);
    ledger.onGap(0, 5);
    ledger.onEvent(0, 6);
    ledger.onWrite(0, 4);
    ledger.settle(4, 4);
    expect(ledger.countsOf(0)).toMatchObject({ delivered: 2, missing: 0, compacted: 1 });
  });

  test('holds what the slowest watcher lacks, not what ever happened', () => {
    const ledger = new WatchLedger([0, 0], 1);
    let most = 0;
    for (let revision = 1; revision <= 100_000; revision++) {
      ledger.onEvent(0, revision);
      if (revision > 50) ledger.onEvent(1, revision - 50);
      ledger.onWrite(0, revision);
      if (revision % 100 === 0) ledger.settle(revision, revision);
      most = Math.max(most, ledger.held);
    }
    expect(most).toBeLessThan(1000);
    expect(ledger.countsOf(1)).toMatchObject({ delivered: 99_950, missing: 50 });
  });

  test('says what a plain record of everything says, whatever is lost, sent twice, or comes late', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { ledger, plain } = replay(history);
        plain.forEach((counts, watcher) => {
          expect(ledger.countsOf(watcher)).toEqual(counts);
        });
        const sum = (of: keyof (typeof plain)[number]) => plain.reduce((total, counts) => total + counts[of], 0);
        expect(ledger.missing).toBe(sum('missing'));
        expect(ledger.delivered).toBe(sum('delivered'));
        expect(ledger.duplicated).toBe(sum('duplicated'));
        expect(ledger.reordered).toBe(sum('reordered'));
      }),
      { numRuns: 500 },
    );
  });
});

/** Two leaves and the branch over both: ranges 0, 1 and 2. Watchers 0 and 1 on leaf 0, 2 on leaf 1, 3 and 4 on all. */
const RANGE_OF = [0, 0, 1, 2, 2];
const fate = fc.constantFrom('told', 'told', 'told', 'told', 'lost', 'twice', 'late');
const histories = fc.array(
  fc.record({
    leaf: fc.constantFrom(0, 1),
    fates: fc.array(fate, { minLength: RANGE_OF.length, maxLength: RANGE_OF.length }),
    /** How many writes later the acknowledgement comes; none at all for a write whose outcome stays unknown. */
    ackAfter: fc.option(fc.integer({ min: 0, max: 5 })),
    isSettled: fc.boolean(),
  }),
  { maxLength: 40 },
);

function replay(history: (typeof histories extends fc.Arbitrary<infer T> ? T : never)[number][]) {
  const ledger = new WatchLedger(RANGE_OF, 3);
  const told: number[][] = RANGE_OF.map(() => []);
  const known = [new Set<number>(), new Set<number>(), new Set<number>()];
  const late: { watcher: number; revision: number; leaf: number }[] = [];
  const acks: { at: number; revision: number; leaf: number; sequence: number }[] = [];
  const know = (leaf: number, revision: number) => {
    known[leaf]!.add(revision);
    known[2]!.add(revision);
  };
  const tell = (watcher: number, revision: number, leaf: number) => {
    told[watcher]!.push(revision);
    know(leaf, revision);
    const sighting = ledger.onEvent(watcher, revision);
    if (sighting === Sighting.duplicate) ledger.onDuplicate(watcher);
    if (sighting !== Sighting.first) return;
    ledger.onWrite(leaf, revision);
    ledger.onWrite(2, revision);
  };
  const oldestOpen = (begun: number) => Math.min(begun, ...acks.map(({ sequence }) => sequence));
  const acknowledge = (now: number) => {
    for (const ack of acks.filter(({ at }) => at <= now)) {
      acks.splice(acks.indexOf(ack), 1);
      know(ack.leaf, ack.revision);
      ledger.onWrite(ack.leaf, ack.revision);
      ledger.onWrite(2, ack.revision);
    }
  };
  history.forEach(({ leaf, fates, ackAfter, isSettled }, index) => {
    const revision = 10 + index;
    if (ackAfter !== null) acks.push({ at: index + ackAfter, revision, leaf, sequence: index });
    RANGE_OF.forEach((range, watcher) => {
      if (range !== leaf && range !== 2) return;
      // What nobody can have known of is not told late: see the ledger's guard.
      const fate = fates[watcher] === 'late' && ackAfter === null ? 'lost' : fates[watcher]!;
      if (fate === 'late') late.push({ watcher, revision, leaf });
      if (fate === 'told' || fate === 'twice') tell(watcher, revision, leaf);
      if (fate === 'twice') tell(watcher, revision, leaf);
    });
    acknowledge(index);
    if (isSettled) ledger.settle(index + 1, oldestOpen(index + 1));
    if (index % 3 === 2) for (const event of late.splice(0, 1)) tell(event.watcher, event.revision, event.leaf);
  });
  for (const event of late) tell(event.watcher, event.revision, event.leaf);
  acknowledge(Number.POSITIVE_INFINITY);
  ledger.settle(history.length, history.length);
  const plain = RANGE_OF.map((range, watcher) => {
    const events = told[watcher]!;
    const distinct = new Set(events);
    return {
      delivered: distinct.size,
      missing: [...known[range]!].filter((revision) => !distinct.has(revision)).length,
      duplicated: events.length - distinct.size,
      reordered: events.filter(
        (revision, at) => events.indexOf(revision) === at && events.slice(0, at).some((before) => before > revision),
      ).length,
      compacted: 0,
    };
  });
  return { ledger, plain };
}
