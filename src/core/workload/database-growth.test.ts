import { expect, test } from 'vitest';
import { startEtcd } from '../testing/index.ts';
import { WireClient } from '../wire/index.ts';
import { databaseGrowth } from './database-growth.ts';

async function databaseBytes(client: WireClient): Promise<number> {
  const { dbSizeInUse } = await client.status();
  return dbSizeInUse;
}

// 14 bytes of key; values of the documented pattern are 150. Of 2000 bytes only one fits beside another in two pages.
test.each([9, 150, 300, 1024, 2000, 10_000])(
  'a database grows as foretold by values of %i bytes',
  async (valueBytes) => {
    await using cluster = await startEtcd({ tmpfs: true });
    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    const writes = Math.min(8000, Math.ceil(4e6 / (valueBytes + 60)));
    const before = await databaseBytes(client);
    const value = Buffer.alloc(valueBytes, 'v');
    for (let at = 0; at < writes; at += 500) {
      const batch = Array.from({ length: Math.min(500, writes - at) }, (_, i) => String(at + i).padStart(14, '0'));
      await Promise.all(batch.map((key) => client.put(key, value)));
    }
    const expected = databaseGrowth(writes, writes * (14 + valueBytes));
    // The last ones are there when etcd's batch is committed.
    await expect
      .poll(async () => ((await databaseBytes(client)) - before) / expected, { timeout: 30_000 })
      .toBeGreaterThan(0.88);
    expect(((await databaseBytes(client)) - before) / expected).toBeLessThan(1.12);
  },
);

test('without writes there is nothing but what is said', () => {
  expect(databaseGrowth(0, 0)).toBe(0);
  expect(databaseGrowth(0, 5)).toBe(5);
});
