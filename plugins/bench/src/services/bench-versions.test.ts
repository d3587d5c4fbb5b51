import { startEtcd } from '@etcdperf/core/testing';
import { expect, test } from 'vitest';
import type { KeyValueOptions } from '../operations/key-value-options.ts';
import { runsFolder, runWork } from '../testing/run-work.ts';
import { mvccGetWork } from './mvcc-get-work.ts';
import { putWork } from './put-work.ts';
import { rangePagesWork, rangeWork } from './range-work.ts';
import { txnMixedWork } from './txn-mixed-work.ts';
import { txnPutWork } from './txn-put-work.ts';

const keys = { prefix: 'versions/', digits: 4, size: 100 };
const distribution = { kind: 'sequential' } as const;
const written: KeyValueOptions = { keys, distribution, values: { kind: 'text' }, valueBytes: 100 };

test.each(['3.4', '3.5', '3.6'])('requests of every kind, three members of etcd %s', async (version) => {
  await using cluster = await startEtcd({ version, members: 3 });
  await using runs = await runsFolder();
  const plan = { end: { kind: 'total', requests: 300 }, connections: 3 } as const;
  const run = (work: Parameters<typeof runWork>[2]) => runWork(cluster, runs.path, work, { plan });

  const put = await runWork(
    cluster,
    runs.path,
    putWork({ ...written, compaction: undefined, isHashChecked: true, requests: 300 }),
    { plan },
  );
  expect(put.series).toMatchObject([{ ok: 300 }]);
  expect(put.hashes).toMatchObject({ verdict: 'equal', members: [{}, {}, {}] });
  expect(put.members.map((member) => member.version?.startsWith(version))).toEqual([true, true, true]);

  const read = { limit: 0, isSerializable: false, isKeysOnly: false, isCountOnly: false };
  const single = await run(rangeWork({ ...read, subject: { kind: 'keys', keys, distribution } }));
  expect(single).toMatchObject({ series: [{ ok: 300 }], counters: { keysReturned: 300 } });
  const range = { key: 'versions/', prefix: true };
  const pages = await run(rangePagesWork({ range, pageKeys: 40, isSerializable: true, isKeysOnly: false }));
  expect(pages).toMatchObject({ series: [{ ok: 300 }], counters: { keysReturned: 30_000, pages: 900 } });

  const txn = await run(txnPutWork({ ...written, operations: 5 }, 300));
  expect(txn.series).toMatchObject([{ ok: 300, fail: 0 }]);
  const subject = { kind: 'keys', keys, distribution } as const;
  const mixed = await run(txnMixedWork({ ...read, subject, writes: written, readsPerWrite: 1 }));
  expect(mixed.series.reduce((sum, { ok }) => sum + ok, 0)).toBe(300);
  const past = await run(
    mvccGetWork({
      keys: { keys, distribution },
      isSerializable: false,
      fill: undefined,
      fromRevision: undefined,
      toRevision: undefined,
    }),
  );
  expect(past.series).toMatchObject([{ ok: 300, fail: 0 }]);
});
