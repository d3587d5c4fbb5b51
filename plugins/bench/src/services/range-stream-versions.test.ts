import { startEtcd } from '@etcdperf/core/testing';
import { expect, test } from 'vitest';
import { runsFolder, runWork } from '../testing/run-work.ts';
import { putWork } from './put-work.ts';
import { rangeStreamWork, rangeWork } from './range-work.ts';

const KEYS = 80;
const VALUE_BYTES = 50_000;
const KEY_BYTES = 'stream/0000'.length;
const keys = { prefix: 'stream/', digits: 4, size: KEYS };
const range = { key: 'stream/', prefix: true };
const WHOLE = { range, limit: 0, isSerializable: false, isKeysOnly: false, timeoutMs: 60_000 };
const total = (requests: number) => ({ plan: { end: { kind: 'total', requests }, timeoutMs: 60_000 } }) as const;

test('a range of 4 MB in pieces, from etcd 3.7: every key and byte of it, limits, keys alone', async () => {
  await using cluster = await startEtcd({ version: '3.7', members: 3 });
  await using runs = await runsFolder();
  const run = (work: Parameters<typeof runWork>[2], requests: number) =>
    runWork(cluster, runs.path, work, total(requests));
  const written = { keys, distribution: { kind: 'sequential' }, values: { kind: 'random' } } as const;
  const put = putWork({
    ...{ ...written, valueBytes: VALUE_BYTES },
    ...{ compaction: undefined, isHashChecked: false, requests: KEYS },
  });
  expect((await run(put, KEYS)).series).toMatchObject([{ ok: KEYS }]);

  const whole = await run(rangeStreamWork(WHOLE), 10);
  expect(whole.series).toMatchObject([{ name: 'range', ok: 10, fail: 0, unknown: 0 }]);
  expect(whole.counters).toMatchObject({ keysReturned: 10 * KEYS });
  expect(whole.counters.bytesReturned).toBeGreaterThan(10 * KEYS * VALUE_BYTES);
  // That is what it is for: the answer doesn't come as one message.
  expect(whole.counters.pieces).toBeGreaterThan(10);

  // As many as the answers in one piece have.
  const single = await run(rangeWork({ ...WHOLE, subject: { kind: 'fixed', range }, isCountOnly: false }), 10);
  expect(single.counters.keysReturned).toBe(whole.counters.keysReturned);

  const few = await run(rangeStreamWork({ ...WHOLE, limit: 7, isSerializable: true }), 10);
  expect(few.counters).toMatchObject({ keysReturned: 70 });
  const names = await run(rangeStreamWork({ ...WHOLE, isKeysOnly: true }), 10);
  expect(names.counters).toMatchObject({ keysReturned: 10 * KEYS });
  expect(names.counters.bytesReturned).toBeLessThan(10 * KEYS * (KEY_BYTES + 100));
});

test.each(['3.4', '3.5', '3.6'])('etcd %s has none, which is told before the first request', async (version) => {
  await using cluster = await startEtcd({ version });
  await using runs = await runsFolder();
  await expect(runWork(cluster, runs.path, rangeStreamWork(WHOLE), total(10))).rejects.toThrow(
    new RegExp(`^etcd ${version.replace('.', '\\.')}\\.\\d+ has no RangeStream`),
  );
});
