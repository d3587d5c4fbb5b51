import { startEtcd } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { StmOptions } from '../operations/stm-scenario.ts';
import { runsFolder, runWork } from '../testing/run-work.ts';
import { checkWork } from './check/check-work.ts';
import { judgeDatascale } from './check/judge-datascale.ts';
import { type LeaseHoldReport, leaseHoldWork } from './lease/lease-hold-work.ts';
import { leaseKeepaliveWork } from './lease/lease-keepalive-work.ts';
import { stmWork } from './stm-work.ts';

const keys = (prefix: string, size: number) => ({ prefix, digits: 8, size });
const CLOSED = {
  pace: { kind: 'closed' },
  end: { kind: 'total', requests: 100 },
  warmupMs: 0,
  connections: 2,
  clients: 10,
  maxInFlight: 10,
  timeoutMs: 10_000,
  threads: 1,
  seed: 1,
} as const;

const stm: StmOptions = {
  keys: keys('stm/', 3),
  distribution: { kind: 'uniform' },
  values: { kind: 'random' },
  valueBytes: 8,
  isolation: 'serializable-snapshot',
  keysPerTxn: 2,
  writePercent: 100,
  lock: undefined,
};

// 3.6 is what all other tests run on.
describe.each(['3.4', '3.5'])('etcd %s', (version) => {
  test('transactions, leases and checks work as with 3.6', async () => {
    const cluster = await startEtcd({ version });
    onTestFinished(() => cluster.stop());
    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    await using runs = await runsFolder();
    expect((await client.status()).version).toContain(`${version}.`);

    const locks = [undefined, { kind: 'lock-client', name: 'one' }, { kind: 'lock-rpc', name: 'two' }] as const;
    for (const lock of locks) {
      const report = await runWork(cluster, runs.path, stmWork({ ...stm, lock }), { plan: CLOSED });
      expect(report.series).toMatchObject([{ ok: 100, fail: 0, unknown: 0 }]);
    }
    const { kvs } = await client.range('stm/', { prefix: true });
    expect(kvs.reduce((all, kv) => all + kv.version, 0)).toBe(3 * 200);

    for (const streams of ['call', 'shared'] as const) {
      const work = leaseKeepaliveWork({ leases: 5, ttlSeconds: 60, streams, plan: CLOSED });
      const report = await runWork(cluster, runs.path, work, { plan: CLOSED });
      expect(report).toMatchObject({ series: [{ ok: 100 }], leases: { revoked: 5, grantedTtlSeconds: 60 } });
    }

    const hold = { count: 100, ttlSeconds: 2, holdMs: 0, streams: 4, keys: keys('held/', 100) };
    for (const end of ['expire', 'revoke'] as const) {
      const plan = { pace: { kind: 'open', ratePerSec: 1000 } } as const;
      const report: LeaseHoldReport = await runWork(cluster, runs.path, leaseHoldWork({ ...hold, end }), { plan });
      expect(report.leases).toMatchObject({ granted: 100, lost: 0, ended: 100, left: 0 });
      if (end === 'expire') expect(report.leases?.expiry).toMatchObject({ left: 0, seenBy: 'metrics' });
    }
    expect((await client.leases()).ids).toHaveLength(0);

    const check = checkWork({
      keys: keys('check/', 1000),
      isSequential: true,
      valueBytes: 512,
      requests: 1000,
      isCompacted: true,
      isDefragmented: true,
      judge: (report) => judgeDatascale(report, { memoryMb: undefined, dbMb: undefined }),
    });
    const report = await runWork(cluster, runs.path, check, { isCleanedUp: true });
    expect(report.check).toMatchObject({ verdict: 'pass' });
    expect((await client.range('check/', { prefix: true })).count).toBe(0);
  });
});
