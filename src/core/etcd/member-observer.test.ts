import { expect, test, vi } from 'vitest';
import { startEtcd } from '../testing/index.ts';
import { WireClient } from '../wire/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { scrapeMember } from './member-metrics.ts';
import { observeMembers } from './member-observer.ts';

/** 4 MB, in values of 20 KB. */
async function write(access: ClusterAccess): Promise<void> {
  await using client = await WireClient.connect(access);
  const value = Buffer.alloc(20_000, 'x');
  for (let i = 0; i < 200; i += 1) await client.put(`key${i}`, value, { timeoutMs: 20_000 });
}

// Each series names things in its own way; these are what has to be there in all of them.
test.each(['3.4', '3.5', '3.6'])('etcd %s tells what a member did in the window', async (version) => {
  // Without fsync there would be no fsync latencies.
  await using cluster = await startEtcd({ version, flags: { 'unsafe-no-fsync': false } });
  const access = { endpoints: cluster.endpoints };
  const members = observeMembers(access);
  await members.start();
  await write(access);
  // What is written shows in the database's size when its next batch is committed, some 100 ms later.
  const window = await vi.waitFor(
    async () => {
      const [one] = await members.finish();
      expect(one!.dbGrowthMb).toBeGreaterThan(3.9);
      return one;
    },
    { timeout: 20_000, interval: 50 },
  );
  expect(window).toMatchObject({
    name: 'm1',
    endpoint: cluster.endpoints[0],
    version: expect.stringMatching(`^${version.replace('.', '\\.')}\\.`),
    isLeader: true,
    leaderChanges: 0,
    slowApplies: expect.any(Number),
    failedProposals: 0,
    problem: undefined,
  });
  expect(window!.cpuPercent).toBeGreaterThan(0);
  expect(window!.memoryMb).toBeGreaterThan(10);
  expect(window!.memoryGrowthMb).toBeLessThan(window!.memoryMb!);
  expect(window!.dbSizeMb).toBeGreaterThanOrEqual(window!.dbGrowthMb!);
  expect(window!.fsyncP99Ms).toBeGreaterThan(0);
  expect(window!.fsyncP50Ms).toBeLessThanOrEqual(window!.fsyncP99Ms!);
  expect(window!.commitP99Ms).toBeGreaterThan(0);
  expect(window!.commitP50Ms).toBeLessThanOrEqual(window!.commitP99Ms!);
});

test('three members behind TLS: found from one endpoint; a lost leader, a restart and an absence are told', async () => {
  await using cluster = await startEtcd({ members: 3, tls: 'mutual' });
  const tls = { ca: cluster.certificates!.ca, ...cluster.certificates!.client };
  const [m1, m2, m3] = cluster.members;
  await m3!.kill();
  const leader = await cluster.leader();
  const follower = leader === m1 ? m2! : m1!;
  const nobody = 'https://127.0.0.1:1';
  const members = observeMembers({ endpoints: [follower.endpoint, nobody, m3!.endpoint], tls });
  await members.start();
  await m3!.restart();
  // Only another leader is a change: one that is back at once may be elected again.
  await leader.kill();
  await cluster.leader();
  await leader.restart();
  const windows = await vi.waitFor(
    async () => {
      const found = await members.finish();
      expect(found.filter((window) => window.isLeader)).toHaveLength(1);
      for (const index of [0, 3]) expect(found[index]!.leaderChanges).toBeGreaterThan(0);
      return found;
    },
    { timeout: 20_000, interval: 50 },
  );

  expect(windows.map(({ name }) => name)).toEqual([follower.name, nobody, 'm3', leader.name]);
  const [ofFollower, ofNobody, ofLate, ofRestarted] = windows;
  expect(ofFollower!.problem).toBeUndefined();
  expect(ofNobody).toMatchObject({ problem: 'no metrics: connection refused', memoryMb: undefined });
  expect(ofLate).toMatchObject({ problem: 'at the start: no metrics: connection refused', cpuPercent: undefined });
  expect(ofLate!.memoryMb).toBeGreaterThan(0);
  expect(ofRestarted).toMatchObject({
    problem: 'it was restarted meanwhile: counted since then',
    cpuPercent: undefined,
  });
  expect(ofRestarted!.memoryGrowthMb).toBeUndefined();
});

test('an observer never rejects: not when nobody is there, not after an abort', async () => {
  const absent = observeMembers({ endpoints: ['http://127.0.0.1:1'] });
  expect(await absent.finish()).toMatchObject([{ problem: 'no metrics: connection refused' }]);
  await using cluster = await startEtcd();
  const aborting = new AbortController();
  const members = observeMembers({ endpoints: cluster.endpoints }, aborting.signal);
  await members.start();
  aborting.abort();
  expect(await members.finish()).toMatchObject([{ name: 'm1', problem: undefined }]);
  await members.start();
  expect((await members.finish())[0]!.memoryMb).toBeGreaterThan(0);
  await cluster.stop();
  expect(await members.finish()).toMatchObject([{ name: 'm1', problem: 'no metrics: connection refused' }]);
});

test('one look at a member: gauges, labels, buckets; what is no etcd is told', async () => {
  await using cluster = await startEtcd();
  const access = { endpoints: cluster.endpoints };
  const metrics = await scrapeMember(access, cluster.endpoints[0]!);
  expect(metrics.value('etcd_server_has_leader')).toBe(1);
  expect(metrics.value('nothing_of_that_name')).toBeUndefined();
  expect(metrics.label('etcd_server_version', 'server_version')).toMatch(/^3\./);
  expect(metrics.buckets('etcd_disk_backend_commit_duration_seconds')!.bounds.at(-1)).toBe(Number.POSITIVE_INFINITY);
  await expect(scrapeMember(access, `${cluster.endpoints[0]}/v3`)).rejects.toThrow('no metrics: HTTP 404 at');
  cluster.members[0]!.pause();
  await expect(scrapeMember(access, cluster.endpoints[0]!, { timeoutMs: 100 })).rejects.toThrow('no answer in time');
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  await expect(scrapeMember(access, cluster.endpoints[0]!, { signal })).rejects.toBe(reason);
});
