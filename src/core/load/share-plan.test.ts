import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LoadPlan } from './load-plan.ts';
import { sharePlan } from './share-plan.ts';

const plan = fc
  .record({
    connections: fc.integer({ min: 1, max: 300 }),
    clients: fc.integer({ min: 1, max: 3000 }),
    maxInFlight: fc.integer({ min: 16, max: 5000 }),
    requests: fc.nat(100_000),
    threads: fc.integer({ min: 1, max: 16 }),
    seed: fc.nat(),
  })
  .filter(({ connections, threads }) => threads <= connections)
  .map(
    ({ requests, ...rest }): LoadPlan => ({
      pace: { kind: 'closed' },
      end: { kind: 'total', requests },
      warmupMs: 0,
      timeoutMs: 5000,
      ...rest,
    }),
  );

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

test('all shares together are the plan, and none is much larger than another', () => {
  fc.assert(
    fc.property(plan, (whole) => {
      const shares = Array.from({ length: whole.threads }, (_, index) => sharePlan(whole, index));
      const lanes = shares.flatMap((share) => share.lanes);
      expect(lanes.map(({ connection }) => connection).sort((a, b) => a - b)).toEqual(
        Array.from({ length: whole.connections }, (_, connection) => connection),
      );
      expect(sum(lanes.map(({ callers }) => callers))).toBe(whole.clients);
      expect(sum(shares.map(({ requests = 0 }) => requests))).toBe(whole.end.kind === 'total' && whole.end.requests);
      expect(sum(shares.map(({ maxInFlight }) => maxInFlight))).toBe(whole.maxInFlight);
      for (const counts of [lanes.map(({ callers }) => callers), shares.map(({ requests = 0 }) => requests)])
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      expect(new Set(shares.map(({ share }) => share.seed)).size).toBe(whole.threads);
    }),
  );
});

test('a thread that has callers has requests for them, and the other way round', () => {
  fc.assert(
    fc.property(plan, (whole) => {
      fc.pre(whole.clients >= whole.threads);
      for (let index = 0; index < whole.threads; index += 1)
        expect(sum(sharePlan(whole, index).lanes.map(({ callers }) => callers))).toBeGreaterThan(0);
    }),
  );
});
