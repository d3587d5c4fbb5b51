import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killDaemon } from '@etcdperf/core/daemon';
import { InterruptedError } from '@etcdperf/core/errors';
import { type FoundCluster, findOrPlanCluster } from '@etcdperf/core/etcd';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { renderRestartReport } from '../../render/restart-report.ts';
import { deleteFound } from '../delete.ts';
import { deploy } from '../deploy.ts';
import { takeCareLock } from '../members/care-lock.ts';
import { type ClusterMembers, openMembers, type ProcessMember } from '../members/cluster-members.ts';
import { ClusterWatch } from '../members/cluster-watch.ts';
import { type RestartOptions, restartMembers } from './restart-members.ts';

let folder: string;
let found: FoundCluster;
let cluster: ClusterMembers;
let watch: ClusterWatch;

const gently: RestartOptions = { names: undefined, leaderLast: true, pauseMs: 0, timeoutMs: 60_000, maxLag: 100 };
const member = (name: string) => cluster.members.find((one) => one.name === name) as ProcessMember;
const well = () => watch.waitWell({ timeoutMs: 60_000, maxLag: 100 });
/** Pids by member. */
async function pids(): Promise<Record<string, number>> {
  const report = await deploy(found, {});
  expect(report.outcome.kind).toBe('unchanged');
  return Object.fromEntries(report.members.map(({ name, result }) => [name, 'pid' in result ? result.pid : 0]));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-restart-'));
  vi.stubEnv('ETCDPERF_STATE_DIR', join(folder, 'state'));
  found = await findOrPlanCluster({ inventory: undefined, backend: 'local', members: 3 });
  expect((await deploy(found, {})).outcome.kind).toBe('deployed');
  cluster = await openMembers(found);
  watch = new ClusterWatch(cluster.access, cluster.members);
});
afterEach(async () => {
  await well();
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  if (found !== undefined) await deleteFound(found, { yes: true });
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('a cluster of three', () => {
  test('all, one by one, the leader last and its leadership handed on before', async () => {
    const before = await pids();
    const { leader, term } = await well();
    const down: number[] = [];
    const looking = new AbortController();
    const looker = (async () => {
      const look = new ClusterWatch(cluster.access, cluster.members);
      while (!looking.signal.aborted)
        down.push((await look.look(2000)).members.filter(({ status }) => status === undefined).length);
    })();
    const report = await restartMembers(cluster, gently);
    looking.abort();
    await looker;

    expect(report.outcome).toEqual({ kind: 'restarted' });
    expect(report.members.at(-1)).toMatchObject({ name: leader, result: { kind: 'restarted' } });
    expect(Math.max(...down)).toBe(1);
    const to = report.members.map(({ result }) => result.kind === 'restarted' && result.leadershipTo);
    expect(to).toEqual([undefined, undefined, report.members[0]!.name]);
    // Handed on, so that nobody had to notice its loss: one election in all.
    expect((await well()).term).toBe(term + 1);
    const after = await pids();
    for (const name of Object.keys(before)) expect(after[name]).not.toBe(before[name]);
    expect(renderRestartReport(report)).toMatch(
      /^3 of 3 members of cluster local restarted in [\d.]+ s\n\nMEMBER .*\n(member\d +localhost +restarted +[\d.]+ s .*\n?){3}$/,
    );
  });

  test('only the named ones; a name that none has is refused', async () => {
    const before = await pids();
    const report = await restartMembers(cluster, { ...gently, names: ['member2'] });
    expect(report.members.map(({ name, result }) => [name, result.kind])).toEqual([['member2', 'restarted']]);
    const after = await pids();
    expect(after).toEqual({ ...before, member2: after.member2 });
    expect(after.member2).not.toBe(before.member2);
    await expect(restartMembers(cluster, { ...gently, names: ['membr2'] })).rejects.toMatchObject({
      exitCode: 2,
      hint: "did you mean 'member2'?",
    });
  });

  test('never two at once: while the cluster is cared for, it is refused and nothing is stopped', async () => {
    const before = await pids();
    await using _lock = await takeCareLock(cluster.access, 'defragmentation');
    await expect(restartMembers(cluster, gently)).rejects.toThrow(
      /^a defragmentation of this cluster is under way, by .+@.+ \(process \d+\) since 20/,
    );
    expect(await pids()).toEqual(before);
  });

  test('refused while another member is down, and without quorum', async () => {
    const kill = ({ site, plan }: ProcessMember) => killDaemon(site.executor, site.workDir, plan.daemon, 'SIGKILL');
    const isSeen = (name: string) =>
      vi.waitFor(
        async () => expect((await watch.look()).members.find((one) => one.name === name)?.problem).toBeTruthy(),
        {
          timeout: 20_000,
        },
      );
    await kill(member('member1'));
    await isSeen('member1');
    await expect(restartMembers(cluster, { ...gently, names: ['member2'] })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining("can't spare one more: member1: "),
    });
    await kill(member('member3'));
    await isSeen('member3');
    await expect(restartMembers(cluster, gently)).rejects.toThrow('the cluster has no quorum');
    expect((await deploy(found, {})).members.map(({ result }) => result.kind)).toEqual([
      'started',
      'unchanged',
      'started',
    ]);
  });

  test('interrupted while a member is being restarted: that one runs, the others were not touched', async () => {
    const before = await pids();
    const interrupted = new AbortController();
    const report = await restartMembers(cluster, {
      ...gently,
      leaderLast: false,
      signal: interrupted.signal,
      onStep: (text) => {
        if (text.startsWith('restarting')) interrupted.abort(new InterruptedError());
      },
    });
    expect(report.outcome).toEqual({ kind: 'interrupted' });
    expect(report.members.map(({ result }) => result.kind)).toEqual(['failed', 'not restarted', 'not restarted']);
    await well();
    const after = await pids();
    expect(after).toEqual({ ...before, member1: after.member1 });
    expect(after.member1).not.toBe(before.member1);
    // And the lock was given back.
    await using wire = await WireClient.connect(cluster.access);
    expect((await wire.range('etcdperf/care')).kvs).toEqual([]);
  });
});
