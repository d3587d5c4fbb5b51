import { startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runVerified, type VerifiedRun } from '../../testing/verified-run.ts';
import type { VerificationReport } from './verification-report.ts';

const WAIT = { timeout: 40_000, interval: 20 };
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startEtcd({ members: 3 });
});
afterAll(() => cluster.stop());

/** 10 subtrees of 12 keys, overwritten and half of them churned; each subtree and each key is watched. */
function workload(root: string) {
  return {
    pattern: `/${root}/%a-%03d[10]/%leaf-%03d[12];[0-9]{30,60}`,
    subtreeChurn: { level: 1, percent: 50, ratePerSec: 10 },
    valueChurn: { ratePerSec: 200 },
    watches: { perLevel: [0, 'every', 'every'], prefix: true, rereadIntervalMs: undefined },
    timeoutMs: 1500,
    connections: 3,
  } as const;
}

/** So much more is written and acknowledged. */
async function writesGoOn(run: VerifiedRun, more = 300): Promise<void> {
  const before = run.puts();
  await vi.waitFor(() => expect(run.puts()).toBeGreaterThan(before + more), WAIT);
}

function expectClean(report: VerificationReport): void {
  expect(report).toMatchObject({ findings: [], counts: {}, why: [], verdict: 'clean' });
  expect(report).toMatchObject({ followedKeys: 120, ofKeys: 120, readAtEnd: 120 });
  expect(report.checkedWrites).toBeGreaterThan(600);
  // Two watchers see each key.
  expect(report.checkedEvents).toBeGreaterThan(1200);
  expect(report.checkedReads).toBeGreaterThan(10);
}

test('the leader is killed and comes back: clean', async () => {
  const { report } = await runVerified({
    endpoints: cluster.endpoints,
    workload: workload('killed'),
    meanwhile: async (run) => {
      await writesGoOn(run);
      const leader = await cluster.leader();
      await leader.kill();
      await writesGoOn(run);
      await leader.restart();
      await writesGoOn(run);
    },
  });
  expectClean(report);
  expect(report.gaps.count).toBe(0);
});

test('the leader is paused until its writes are in doubt, and goes on: clean', async () => {
  const { report, figures } = await runVerified({
    endpoints: cluster.endpoints,
    workload: workload('paused'),
    meanwhile: async (run) => {
      await writesGoOn(run);
      const leader = await cluster.leader();
      leader.pause();
      try {
        await writesGoOn(run);
      } finally {
        leader.resume();
      }
      await writesGoOn(run);
    },
  });
  expectClean(report);
  expect(report.unknownWrites).toBeGreaterThan(0);
  expect(report.unknownWrites).toBeLessThanOrEqual(figures.series.reduce((sum, { unknown }) => sum + unknown, 0));
});

test('the network is cut between the driver and all members, more than once: clean', async () => {
  const proxies = await Promise.all(cluster.members.map(({ clientPort }) => startTcpProxy(clientPort)));
  const { report } = await runVerified({
    endpoints: cluster.endpoints,
    loadEndpoints: proxies.map(({ address }) => `http://${address}`),
    workload: workload('cut'),
    meanwhile: async (run) => {
      for (let cut = 1; cut <= 3; cut += 1) {
        await writesGoOn(run);
        for (const proxy of proxies) proxy.blackhole();
        const begun = run.begun();
        await vi.waitFor(() => expect(run.begun()).toBeGreaterThan(begun + 10), WAIT);
        for (const proxy of proxies) proxy.cut();
        for (const proxy of proxies) proxy.heal();
      }
      await writesGoOn(run);
    },
  });
  await Promise.all(proxies.map((proxy) => proxy.close()));
  expectClean(report);
  expect(report.unknownWrites).toBeGreaterThan(0);
});

test('compacted under watchers that were away: gaps, and clean', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  const revision = async () => (await client.range('x', { countOnly: true })).header.revision;
  let compacted = 0;
  const { report } = await runVerified({
    endpoints: cluster.endpoints,
    watchEndpoints: [`http://${proxy.address}`],
    workload: workload('compacted'),
    meanwhile: async (run) => {
      await writesGoOn(run);
      proxy.cut();
      await vi.waitFor(() => expect(run.watches.isWhole).toBe(false), WAIT);
      await writesGoOn(run);
      compacted = await revision();
      await client.compact(compacted);
      proxy.heal();
      await vi.waitFor(() => expect(run.watches.isWhole).toBe(true), WAIT);
      await writesGoOn(run);
    },
  });
  expectClean(report);
  // Each of the 130 watchers was away.
  expect(report.gaps.count).toBeGreaterThan(100);
  for (const gap of report.gaps.first) {
    expect(gap.toRevision).toBe(compacted - 1);
    expect(gap.fromRevision).toBeLessThanOrEqual(compacted);
    expect(Date.parse(gap.at)).toBeLessThanOrEqual(Date.now());
  }
});
