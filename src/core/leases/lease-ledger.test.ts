import { expect, test } from 'vitest';
import { LeaseLedger, LeaseState } from './lease-ledger.ts';

test('counts what it knows', () => {
  const ledger = new LeaseLedger({ first: 2 ** 52, count: 5 });
  ledger.onSent(0, 5);
  ledger.onRenewed(0, 10, 60);
  ledger.set(1, LeaseState.uncertain);
  ledger.onRenewed(3, 20, 60);
  ledger.set(3, LeaseState.lost);
  ledger.set(4, LeaseState.ending);
  expect(Object.entries(LeaseState).map(([name, state]) => [name, ledger.count(state)])).toEqual([
    ['none', 1],
    ['uncertain', 1],
    ['held', 1],
    ['lost', 1],
    ['ending', 1],
    ['gone', 0],
  ]);
  expect([...ledger.existing()]).toEqual([0, 1, 4]);
  expect([...ledger.absent()]).toEqual([2, 3]);
  expect(ledger.dueAt(0)).toBe(60_010);
  expect(ledger.isAwaited(0)).toBe(false);
  ledger.onSent(0, 11);
  expect(ledger.isAwaited(0)).toBe(true);
  expect([2 ** 52 - 1, 2 ** 52, 2 ** 52 + 4, 2 ** 52 + 5].map((id) => ledger.numberOf(id))).toEqual([-1, 0, 4, -1]);
  expect(ledger.numberOf(2n ** 62n)).toBe(-1);
});
