import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OpenRequests } from './open-requests.ts';

test('each request keeps its own numbers, however long it is open', () => {
  const steps = fc.array(fc.record({ closes: fc.boolean(), pick: fc.nat(), first: fc.maxSafeNat() }), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(steps, fc.nat({ max: 2 ** 40 }), (all, from) => {
      const open = new OpenRequests();
      const known = new Map<number, number>();
      let sequence = from;
      for (const { closes, pick, first } of all) {
        if (closes && known.size > 0) {
          const closed = [...known.keys()][pick % known.size]!;
          open.close(open.slotOf(closed));
          known.delete(closed);
        } else {
          open.open(sequence, first, first / 2);
          known.set(sequence, first);
          sequence += 1 + (pick % 3);
        }
        expect(open.count).toBe(known.size);
      }
      for (const [number, first] of known) {
        const slot = open.slotOf(number);
        expect([open.first(slot), open.second(slot), open.revision(slot)]).toEqual([first, first / 2, 0]);
        open.setRevision(slot, number);
      }
      for (const number of known.keys()) expect(open.revision(open.slotOf(number))).toBe(number);
      expect(open.smallestFirst()).toBe(Math.min(...known.values()));
    }),
  );
});

test('one that waits for long, and many after it', () => {
  const open = new OpenRequests();
  open.open(0, 7, 0);
  for (let sequence = 1; sequence < 100_000; sequence += 1) {
    open.open(sequence, sequence, 0);
    open.close(open.slotOf(sequence));
  }
  expect([open.count, open.first(open.slotOf(0)), open.smallestFirst()]).toEqual([1, 7, 7]);
});
