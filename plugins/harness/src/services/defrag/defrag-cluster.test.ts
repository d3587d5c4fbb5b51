import { OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { describe, expect, test, vi } from 'vitest';
import { renderDefragReport } from '../../render/defrag-report.ts';
import { takeCareLock } from '../members/care-lock.ts';
import { clusterState } from './cluster-state.ts';
import { type DefragOptions, defragCluster } from './defrag-cluster.ts';
import type { DefragReport } from './defrag-report.ts';

const limits = { memberTimeoutMs: 60_000, settleTimeoutMs: 30_000 };
const defrag = (access: ClusterAccess, more: Partial<DefragOptions> = {}) =>
  defragCluster(access, { ...limits, ...more });
const kinds = ({ members }: DefragReport) => members.map(({ result }) => result.kind);
const MB = 1_000_000;

/** Values that nobody needs any more once the history is compacted. */
async function overwrite(access: ClusterAccess, megabytes: number): Promise<number> {
  await using client = await WireClient.connect(access);
  for (let i = 0; i < megabytes; i++) await client.put('big', Buffer.alloc(MB, String(i)));
  await client.put('small', 'kept');
  const { header } = await client.put('big', 'gone');
  return header.revision;
}

async function leaderName(cluster: TestCluster): Promise<string> {
  return (await cluster.leader()).name;
}

describe('three members', () => {
  test('the history is compacted, then followers come first and the leader last, and each gives space back', async () => {
    await using cluster = await startEtcd({ members: 3 });
    const revision = await overwrite(cluster, 8);
    const steps: string[] = [];
    // One endpoint is enough: the others are found.
    const one = { endpoints: cluster.endpoints.slice(0, 1) };
    const report = await defrag(one, { compact: { keepRevisions: 1 }, onStep: (step) => steps.push(step) });
    expect(report.outcome).toEqual({ kind: 'done' });
    expect(report.compaction).toEqual({ kind: 'compacted', revision: revision - 1 });
    expect(report.members[2]).toMatchObject({ name: await leaderName(cluster), result: { asLeader: true } });
    expect(kinds(report)).toEqual(['defragmented', 'defragmented', 'defragmented']);
    for (const { result } of report.members) {
      expect(result.kind === 'defragmented' && result.beforeBytes).toBeGreaterThan(8 * MB);
      expect(result.kind === 'defragmented' && result.afterBytes).toBeLessThan(3 * MB);
    }
    expect(steps.filter((step) => step.startsWith('defragmenting'))).toHaveLength(3);
    expect(renderDefragReport(report)).toMatch(
      /^cluster: 3 of 3 members defragmented\ncompacted to revision \d+\n\nMEMBER/,
    );
    await using client = await WireClient.connect(cluster);
    expect((await client.range('small')).kvs[0]?.value.toString()).toBe('kept');
    expect((await client.range('big', { revision: revision - 1 })).kvs).toHaveLength(1);
    // Compacted further than that already.
    const again = await defrag(cluster, { compact: { keepRevisions: 100 }, thresholdPercent: 1 });
    expect([again.compaction?.kind, ...kinds(again)]).toEqual(['needless', 'skipped', 'skipped', 'skipped']);
  });

  test('the leader hands over before its turn, if asked to', async () => {
    await using cluster = await startEtcd({ members: 3 });
    const leader = await leaderName(cluster);
    const report = await defrag(cluster, { moveLeader: true });
    expect(report.outcome).toEqual({ kind: 'done' });
    expect(report.members.at(-1)).toMatchObject({ name: leader, result: { asLeader: false } });
    expect(await leaderName(cluster)).not.toBe(leader);
  });

  test('while another one or a restart is under way it is refused, with who does that', async () => {
    await using cluster = await startEtcd({ members: 3 });
    {
      await using _ = await takeCareLock(cluster, 'restart');
      const refused = await defrag(cluster);
      expect(refused).toMatchObject({
        outcome: {
          kind: 'refused',
          reason: expect.stringMatching(/^a restart of this cluster is under way, by .*@.* since /),
        },
        members: [],
      });
    }
    const both = await Promise.all([defrag(cluster), defrag(cluster)]);
    expect(both.map(({ outcome }) => outcome.kind)).toContain('done');
    for (const { outcome } of both)
      if (outcome.kind !== 'done')
        expect(outcome).toMatchObject({ reason: expect.stringContaining('defragmentation') });
    expect((await defrag(cluster)).outcome.kind).toBe('done');
  });

  test('an interruption waits for the member that has begun, and leaves the others', async () => {
    await using cluster = await startEtcd({ members: 3 });
    const interruption = new AbortController();
    const onStep = () => interruption.abort();
    const report = await defrag(cluster, { signal: interruption.signal, onStep });
    expect(report.outcome.kind).toBe('interrupted');
    expect(kinds(report)).toEqual(['defragmented', 'not begun', 'not begun']);
    expect(renderDefragReport(report)).toContain('interrupted after 1 of 3 members');
    expect((await defrag(cluster)).outcome.kind).toBe('done');
  });

  test('with a member that hangs, without quorum, and without a way to a member it is refused', async () => {
    await using cluster = await startEtcd({ members: 3 });
    const leader = await cluster.leader();
    const [victim, other] = cluster.members.filter((member) => member !== leader);
    victim!.pause();
    const hanging = await defrag({ ...cluster, dialTimeoutMs: 500 });
    expect(hanging).toMatchObject({ outcome: { kind: 'refused' }, members: [] });
    expect(renderDefragReport(hanging)).toContain(`not all members are well: ${victim!.endpoint}: no answer in time`);
    // The member that hangs is not among those given.
    const hidden = await defrag({ endpoints: [leader.endpoint, other!.endpoint] });
    expect(hidden.outcome).toMatchObject({ kind: 'refused', reason: `${victim!.name}: can't be reached from here` });
    await other!.kill();
    await vi.waitFor(
      async () => {
        const lost = await defrag({ ...cluster, dialTimeoutMs: 500 });
        expect(lost.outcome).toMatchObject({
          kind: 'refused',
          reason: expect.stringContaining('the cluster has no quorum'),
        });
      },
      { timeout: 30_000, interval: 100 },
    );
    victim!.resume();
    await other!.restart();
    await vi.waitFor(async () => expect((await clusterState(cluster)).kind).toBe('well'), { timeout: 30_000 });
    expect((await defrag(cluster)).outcome.kind).toBe('done');
  });
});

test('a full database is made room in, although no lock can be taken', async () => {
  await using cluster = await startEtcd({ flags: { 'quota-backend-bytes': 12 * MB } });
  await expect(overwrite(cluster, 500)).rejects.toThrow('database space exceeded');
  const report = await defrag(cluster, { compact: { keepRevisions: 0 } });
  expect(report.outcome).toEqual({ kind: 'done' });
  expect(report.notes).toEqual([
    expect.stringContaining('no lock could be taken'),
    expect.stringContaining('etcdctl alarm disarm'),
  ]);
  const [{ result } = {}] = report.members;
  expect(result?.kind === 'defragmented' && result.beforeBytes - result.afterBytes).toBeGreaterThan(6 * MB);
});

test('a wrong certificate is told before anything is touched', async () => {
  await using cluster = await startEtcd({ tls: 'mutual' });
  const { client } = cluster.certificates!;
  const refused = await defrag({ endpoints: cluster.endpoints, tls: client }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OperationError);
  expect(refused).toMatchObject({
    message: expect.stringContaining('its certificate is not signed by the CA that was given'),
  });
});
