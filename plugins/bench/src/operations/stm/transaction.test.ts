import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ISOLATIONS, type Isolation } from './isolation.ts';
import { runTransaction, type Transaction } from './transaction.ts';

const LEVELS = Object.keys(ISOLATIONS) as Isolation[];
const number = (value: Buffer | undefined) => Number(value?.toString() ?? 0);
const bytes = (value: number) => Buffer.from(String(value));

let cluster: TestCluster;
let client: WireClient;
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints });
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});
beforeEach(() => client.deleteRange('', { prefix: true }));

const stored = async (key: string) => number((await client.range(key)).kvs[0]?.value);

/** Runs `work`; during its first attempt, where it says so, somebody else does `other`. */
async function interrupted(
  isolation: Isolation,
  other: () => Promise<unknown>,
  work: (transaction: Transaction, meanwhile: () => Promise<void>) => Promise<void>,
): Promise<number> {
  let isDone = false;
  const meanwhile = async () => {
    if (!isDone) await other();
    isDone = true;
  };
  return runTransaction(client, { isolation }, (transaction) => work(transaction, meanwhile));
}

test.each(LEVELS)('%s: a transaction sees what it wrote, and the same again', async (isolation) => {
  await client.put('a', '1');
  const attempts = await runTransaction(client, { isolation }, async (transaction) => {
    expect(number(await transaction.get('a'))).toBe(1);
    transaction.put('a', bytes(2));
    expect(number(await transaction.get('a'))).toBe(2);
    expect(await transaction.get('none')).toBeUndefined();
    transaction.put('new', bytes(3));
  });
  expect(attempts).toBe(1);
  expect([await stored('a'), await stored('new')]).toEqual([2, 3]);
});

test.each([
  ['read-committed', 1, 1],
  ['repeatable-reads', 2, 2],
  ['serializable', 2, 2],
  ['serializable-snapshot', 2, 2],
] as const)('%s: of two increments at once, %i are kept', async (isolation, kept, attempts) => {
  const increment = async (transaction: Transaction, meanwhile?: () => Promise<void>) => {
    const value = number(await transaction.get('a'));
    await meanwhile?.();
    transaction.put('a', bytes(value + 1));
  };
  const other = () => runTransaction(client, { isolation }, (transaction) => increment(transaction));
  expect(await interrupted(isolation, other, increment)).toBe(attempts);
  expect(await stored('a')).toBe(kept);
});

test.each([
  ['read-committed', [1, 20], 1],
  ['repeatable-reads', [1, 20], 2],
  ['serializable', [1, 2], 2],
  ['serializable-snapshot', [1, 2], 2],
] as const)('%s: reads around a change of both keys see %j first', async (isolation, first, attempts) => {
  await client.put('a', '1');
  await client.put('b', '2');
  const change = () =>
    client.txn({
      success: [
        { kind: 'put', key: 'a', value: '10' },
        { kind: 'put', key: 'b', value: '20' },
      ],
    });
  const seen: number[][] = [];
  const made = await interrupted(isolation, change, async (transaction, meanwhile) => {
    const a = number(await transaction.get('a'));
    await meanwhile();
    seen.push([a, number(await transaction.get('b'))]);
  });
  expect(made).toBe(attempts);
  expect(seen[0]).toEqual(first);
  expect(seen.slice(1)).toEqual(attempts === 2 ? [[10, 20]] : []);
});

test.each([
  ['serializable', 1],
  ['serializable-snapshot', 2],
] as const)('%s: a key changed by another is overwritten unread after %i attempts', async (isolation, attempts) => {
  const change = () => client.put('b', '20');
  const made = await interrupted(isolation, change, async (transaction, meanwhile) => {
    await transaction.get('a');
    await meanwhile();
    transaction.put('b', bytes(5));
  });
  expect(made).toBe(attempts);
  expect(await stored('b')).toBe(5);
});

test.each([
  ['read-committed', 0],
  ['repeatable-reads', 1],
  ['serializable', 1],
  ['serializable-snapshot', 1],
] as const)('%s: two who each leave only if the other stays: %i stay at the end', async (isolation, staying) => {
  await client.put('a', '1');
  await client.put('b', '1');
  const leave = (mine: string) => async (transaction: Transaction, meanwhile?: () => Promise<void>) => {
    const present = number(await transaction.get('a')) + number(await transaction.get('b'));
    await meanwhile?.();
    if (present === 2) transaction.put(mine, bytes(0));
  };
  await interrupted(isolation, () => runTransaction(client, { isolation }, leave('b')), leave('a'));
  expect((await stored('a')) + (await stored('b'))).toBe(staying);
});

describe.each(['repeatable-reads', 'serializable', 'serializable-snapshot'] as const)('%s', (isolation) => {
  test('transfers at once never change the sum', async () => {
    const keys = ['x', 'y', 'z'];
    for (const key of keys) await client.put(key, '1000');
    const total = 3000;
    const sums = new Set<number>();
    let conflicts = 0;
    const onConflict = () => {
      conflicts += 1;
    };
    const transfer = async (from: string, to: string, amount: number) => {
      await runTransaction(client, { isolation, onConflict }, async (transaction) => {
        const balances = new Map<string, number>();
        for (const key of keys) balances.set(key, number(await transaction.get(key)));
        sums.add([...balances.values()].reduce((a, b) => a + b, 0));
        transaction.put(from, bytes(balances.get(from)! - amount));
        transaction.put(to, bytes(balances.get(to)! + amount));
      });
    };
    const callers = Array.from({ length: 6 }, async (_, caller) => {
      for (let i = 0; i < 10; i += 1) await transfer(keys[(caller + i) % 3]!, keys[(caller + i + 1) % 3]!, caller + i);
    });
    await Promise.all(callers);
    expect(await Promise.all(keys.map(stored)).then((all) => all.reduce((a, b) => a + b, 0))).toBe(total);
    // Six callers on three keys: somebody was in somebody's way.
    expect(conflicts).toBeGreaterThan(0);
    // A snapshot is whole even in attempts that come to nothing.
    if (isolation !== 'repeatable-reads') expect([...sums]).toEqual([total]);
  });

  test('a snapshot that is compacted away is taken anew', async () => {
    await client.put('a', '1');
    await client.put('b', '2');
    const compact = async () => {
      const { header } = await client.put('other', 'x');
      await client.compact(header.revision);
    };
    const seen: number[] = [];
    await interrupted(isolation, compact, async (transaction, meanwhile) => {
      await transaction.get('a');
      await meanwhile();
      seen.push(number(await transaction.get('b')));
    });
    expect(seen).toEqual([2]);
  });
});

test('an aborted signal ends it between attempts', async () => {
  const abort = new AbortController();
  const change = () => client.put('a', 'changed');
  const options = { isolation: 'serializable', signal: abort.signal, onConflict: () => abort.abort() } as const;
  const endless = runTransaction(client, options, async (transaction) => {
    await transaction.get('a');
    await change();
    transaction.put('a', bytes(1));
  });
  await expect(endless).rejects.toMatchObject({ reason: 'cancelled', outcome: 'fail' });
});
