import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recordOf } from '../../testing/contents-of.ts';
import { loadInto } from '../../testing/load-into.ts';
import { writeDump } from '../../testing/write-dump.ts';

let cluster: TestCluster;
let client: WireClient;
let folder: string;
let access: { endpoints: string[] };
beforeAll(async () => {
  cluster = await startEtcd();
  access = { endpoints: cluster.endpoints };
  client = await WireClient.connect(access);
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-backup-load-'));
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await client.deleteRange('', { prefix: true });
});

const content = async () => {
  const { kvs } = await client.range('', { prefix: true });
  return new Map(kvs.map((kv) => [kv.key.toString('latin1'), kv.value.toString('latin1')]));
};
const numbered = (count: number, prefix = '/a/') =>
  Array.from({ length: count }, (_, i) => recordOf(`${prefix}${String(i).padStart(6, '0')}`, `value ${i}`));
const dumped = (name: string) => join(folder, name);

describe('into an empty prefix', () => {
  test('every key is there, and the run folder says how', async () => {
    const records = numbered(1000);
    await writeDump(dumped('all.csv'), records);
    const result = await loadInto(access, folder, dumped('all.csv'));
    expect(result).toMatchObject({
      ending: { kind: 'complete' },
      dumpKeys: 1000,
      dumpKeysDone: 1000,
      keys: 1000,
      there: undefined,
      retries: 0,
      resumedAfter: undefined,
      resumeWith: undefined,
    });
    expect(await content()).toEqual(new Map(records.map(({ key, value }) => [`${key}`, `${value}`])));
  });
});
