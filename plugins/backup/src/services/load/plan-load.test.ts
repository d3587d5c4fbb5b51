import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { expect, test } from 'vitest';
import { renderOutlook } from '../../render/render-outlook.ts';
import { recordOf } from '../../testing/contents-of.ts';
import { outlookOf } from '../../testing/load-into.ts';
import { writeDump } from '../../testing/write-dump.ts';
import type { LoadMode } from './load-settings.ts';

test('what a load would change: it is told, and nothing is touched', async () => {
  await using cluster = await startEtcd();
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-plan-load-'));
  const file = join(folder, 'dump.csv');
  try {
    const records = Array.from({ length: 300 }, (_, i) => recordOf(`/a/${i}`, `${i}`, { lease: 5n, ttlSeconds: 60 }));
    await writeDump(file, [...records, recordOf('/a/gone', 'x', { lease: 6n, ttlSeconds: -1 }), recordOf('/b', 'y')]);
    for (const key of ['/a/1', '/a/2']) await client.put(key, key.slice(3));
    await client.put('/a/3', 'another');
    await client.put('/a/not-dumped', '');
    const { header } = await client.put('/z', 'elsewhere');
    const outlook = (mode: LoadMode) =>
      outlookOf({ endpoints: cluster.endpoints }, folder, file, { mode, prefixes: [Buffer.from('/a/')] });
    const counted = { missing: 298, different: 1, same: 2, others: 1, revision: header.revision };
    const overwrite = await outlook('overwrite');
    expect(overwrite).toMatchObject({ ...counted, puts: 301, isRefused: false, leases: { renewed: 1, gone: 1 } });
    expect(renderOutlook(overwrite)).toContain('301 keys would be put, the same ones once more');
    expect(await outlook('only-missing')).toMatchObject({ ...counted, puts: 298, isRefused: false });
    const empty = await outlook('empty');
    expect(empty).toMatchObject({ ...counted, isRefused: true });
    expect(renderOutlook(empty)).toContain('nothing would be put: there are keys already');
    expect((await client.range('', { prefix: true, countOnly: true })).header.revision).toBe(header.revision);
    expect((await client.leases()).ids).toHaveLength(0);
    expect(await readdir(folder)).toEqual(['dump.csv', 'dump.csv.manifest.json']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
