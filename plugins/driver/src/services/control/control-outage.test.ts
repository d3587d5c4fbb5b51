import { startEtcd } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { expect, test, vi } from 'vitest';
import { driveWorkload, testFolder } from '../../testing/drive-workload.ts';
import { controlKeys } from './control-keys.ts';

const LONG = { timeout: 50_000, interval: 50 };
const END_KEY = '/test/end';

test('the control cluster is away for a while: the load goes on, and ends by the end key when it is back', async () => {
  await using cluster = await startEtcd();
  await using control = await startEtcd();
  await using folder = await testFolder();
  const { report, told } = driveWorkload(
    { pattern: '/on/:ip/%node-%02d[20]/%key-%02d[10];#50', valueChurn: { ratePerSec: 100 } },
    {
      endpoints: cluster.endpoints,
      folder: folder.path,
      controlAccess: { endpoints: control.endpoints },
      resumeFrom: 'etcd',
    },
  );
  await using looking = await WireClient.connect({ endpoints: cluster.endpoints });
  const revision = async () => (await looking.range('x', { countOnly: true })).header.revision;
  // Loaded, and churning.
  await vi.waitFor(async () => expect(await revision()).toBeGreaterThan(250), LONG);
  await control.members[0]!.kill();
  await vi.waitFor(
    () => expect(told.infos.join('\n')).toMatch(/^the control cluster fails: .*the load goes on$/m),
    LONG,
  );
  const then = await revision();
  await vi.waitFor(async () => expect(await revision()).toBeGreaterThan(then + 50), LONG);

  await control.members[0]!.restart();
  await using controlled = await WireClient.connect({ endpoints: control.endpoints });
  const { live } = controlKeys(END_KEY, 'test');
  await vi.waitFor(
    () => expect(told.infos.join('\n')).toMatch(/^the control cluster works again, after \d+ s$/m),
    LONG,
  );
  expect((await controlled.range(live)).count).toBe(1);
  await controlled.put(END_KEY, 'true');
  const { ending, counters } = await report;
  expect(ending).toEqual({ kind: 'end-key' });
  expect(counters.puts).toBeGreaterThan(then - 10);
  const { kvs } = await controlled.range(controlKeys(END_KEY, 'test').done);
  expect(JSON.parse(kvs[0]!.value.toString())).toMatchObject({ ending: 'end key', counters: { puts: counters.puts } });
});
