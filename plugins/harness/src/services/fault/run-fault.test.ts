import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { daemonState } from '@etcdperf/core/daemon';
import { InterruptedError } from '@etcdperf/core/errors';
import { type FoundCluster, findOrPlanCluster } from '@etcdperf/core/etcd';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { deleteFound } from '../delete.ts';
import { deploy } from '../deploy.ts';
import { type ClusterMembers, openMembers, type ProcessMember } from '../members/cluster-members.ts';
import { ClusterWatch } from '../members/cluster-watch.ts';
import { activeFaults } from './active-faults.ts';
import type { FaultSpec } from './fault-spec.ts';
import { beginFault } from './host-faults.ts';
import { type FaultOptions, runFault } from './run-fault.ts';

let folder: string;
let found: FoundCluster;
let cluster: ClusterMembers;

const named = (name: string) => cluster.members.find((one) => one.name === name) as ProcessMember;
const stateOf = ({ site, plan }: ProcessMember) => daemonState(site.executor, site.workDir, plan.daemon);
async function pidOf(member: ProcessMember): Promise<number> {
  const state = await stateOf(member);
  if (state.kind !== 'running') throw new Error(`${member.name} is ${state.kind}`);
  return state.pid;
}
const start = (spec: FaultSpec, member: string, more: Partial<FaultOptions> = {}) =>
  runFault(cluster, { spec, member, forMs: 1000, recoverMs: 60_000, ...more });
/** Nothing that the fault needed is left on the host: files, processes, rules. */
function expectNothingLeft(): void {
  const { workDir } = (cluster.members[0] as ProcessMember).site;
  expect(existsSync(join(workDir, 'faults'))).toBe(false);
  const { stdout } = spawnSync('sh', ['-c', 'grep -lszF "$1" /proc/[0-9]*/cmdline', 'sh', `${workDir}/faults/`]);
  const processes = String(stdout)
    .split('\n')
    .filter((file) => file !== '' && !file.includes('/self/'));
  // The searcher's own command line has the text as well.
  expect(processes.filter((file) => existsSync(file))).toEqual([]);
  expect(String(spawnSync('sh', ['-c', 'iptables -S']).stdout)).not.toContain('ETCDPERF');
}
/** Does something once, as soon as the fault is being held. */
function onceHeld(work: () => Promise<void>): { onStep: (text: string) => void; done: Promise<void> } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isFirst = true;
  const onStep = (text: string) => {
    if (!isFirst || !/, for [\d.]+ s$/.test(text)) return;
    isFirst = false;
    work().then(resolve, reject);
  };
  return { onStep, done: promise };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-fault-'));
  vi.stubEnv('ETCDPERF_STATE_DIR', join(folder, 'state'));
  found = await findOrPlanCluster({ inventory: undefined, backend: 'local', members: 3 });
  expect((await deploy(found, {})).outcome.kind).toBe('deployed');
  cluster = await openMembers(found);
});
afterEach(async () => {
  await activeFaults(cluster, { undo: true });
  const watch = new ClusterWatch(cluster.access, cluster.members);
  await watch.waitWell({ timeoutMs: 60_000, maxLag: 100 });
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  if (found !== undefined) await deleteFound(found, { yes: true });
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('a member is broken for a time, and mended', () => {
  test('kill: the leader is dead, the others elect one, and it starts again as it was', async () => {
    const before = await Promise.all(cluster.members.map((member) => pidOf(member as ProcessMember)));
    let state = '';
    const held = onceHeld(async () => {
      state = (await stateOf(victim())).kind;
    });
    const watch = new ClusterWatch(cluster.access, cluster.members);
    const { leader } = await watch.look();
    const victim = () => named(leader!);
    const cmdline = await readFile(`/proc/${await pidOf(victim())}/cmdline`, 'utf8');
    const report = await start({ kind: 'kill' }, 'leader', { forMs: 5000, onStep: held.onStep });
    await held.done;
    expect(state).toBe('exited');
    expect(report).toMatchObject({ member: leader, outcome: { kind: 'ended' }, fault: { kind: 'kill' } });
    expect(report.effect.leaderBefore).toBe(leader);
    expect(report.effect.leaderAfter).not.toBe(leader);
    expect(report.effect.leaderChanges).toBeGreaterThan(0);
    // Nobody answers until the election timeout (1 s) has passed, about.
    expect(report.effect.withoutServiceMs).toBeGreaterThan(300);
    expect(report.effect.recoveredMs).toBeGreaterThanOrEqual(0);
    expect(report.heldMs).toBeGreaterThanOrEqual(5000);
    expect(Math.abs(Date.parse(report.began.at) + 5000 - Date.parse(report.ended!.at))).toBeLessThan(20_000);
    expect(await readFile(`/proc/${await pidOf(victim())}/cmdline`, 'utf8')).toBe(cmdline);
    const after = await Promise.all(cluster.members.map((member) => pidOf(member as ProcessMember)));
    expect(after.filter((pid, index) => pid !== before[index])).toHaveLength(1);
    expectNothingLeft();
  });

  test('pause: a follower stands still, and goes on', async () => {
    let stat = '';
    const held = onceHeld(async () => {
      stat = await readFile(`/proc/${await pidOf(named(victim))}/status`, 'utf8');
    });
    const watch = new ClusterWatch(cluster.access, cluster.members);
    const { leader } = await watch.look();
    const victim = cluster.members.find(({ name }) => name !== leader)!.name;
    const pid = await pidOf(named(victim));
    const report = await start({ kind: 'pause' }, 'follower', { forMs: 4000, onStep: held.onStep });
    await held.done;
    expect(stat).toMatch(/^State:\tT/m);
    expect(report).toMatchObject({ member: victim, outcome: { kind: 'ended' } });
    expect(await readFile(`/proc/${pid}/status`, 'utf8')).not.toMatch(/^State:\tT/m);
    expectNothingLeft();
  });

  test('cut from its clients: they reach it no more, its peers do', async () => {
    const { clientUrl } = named('member2');
    const reach = () =>
      WireClient.connect({ ...cluster.access, endpoints: [clientUrl], dialTimeoutMs: 500 }).then(
        (client) => client.close().then(() => true),
        () => false,
      );
    expect(await reach()).toBe(true);
    let reached: boolean | undefined;
    const held = onceHeld(async () => {
      reached = await reach();
    });
    const report = await start({ kind: 'cut', from: 'clients', direction: 'both' }, 'member2', {
      forMs: 4000,
      onStep: held.onStep,
    });
    await held.done;
    expect(reached).toBe(false);
    expect(report.effect.leaderChanges).toBe(0);
    expect(await reach()).toBe(true);
    expectNothingLeft();
  });

  test('cut from its peers, where all have one address, is refused', async () => {
    await expect(start({ kind: 'cut', from: 'all', direction: 'both' }, 'member1')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("member1 can't be cut from its peers: member2, member3"),
    });
    expectNothingLeft();
  });

  test.each([
    [
      'its fsyncs are delayed',
      { kind: 'slow-disk', delayMs: 200, writesPerSec: undefined },
      'fsyncs delayed by 200 ms',
    ],
    ['in the way that the host has', { kind: 'slow-disk', delayMs: 200, writesPerSec: 20 }, expect.any(String)],
  ] as const)('slow-disk, %s, and as it was afterwards', async (_, spec, method) => {
    await using client = await WireClient.connect({ ...cluster.access, endpoints: [named('member1').clientUrl] });
    const putMs = async () => {
      const from = performance.now();
      await client.put('slow', 'x', { timeoutMs: 60_000 });
      return performance.now() - from;
    };
    /** Who traces it, and its cgroups. */
    const ground = async (name: string) => {
      const pid = await pidOf(named(name));
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return `${/^TracerPid:\t(\d+)$/m.exec(status)?.[1]} ${await readFile(`/proc/${pid}/cgroup`, 'utf8')}`;
    };
    // A commit is as slow as the second fastest of three.
    const slow = ['member1', 'member2'];
    const before = await Promise.all(slow.map(ground));
    const bothHeld = Promise.withResolvers<void>();
    const done = new AbortController();
    let held = 0;
    const onStep = (text: string) => {
      if (/, for [\d.]+ s$/.test(text) && ++held === slow.length) bothHeld.resolve();
    };
    const faults = slow.map((member) => start(spec, member, { forMs: 600_000, signal: done.signal, onStep }));
    await Promise.race([bothHeld.promise, Promise.all(faults)]);
    const during = await Promise.all(slow.map(ground));
    const fastest = spec.writesPerSec === undefined ? Math.min(await putMs(), await putMs(), await putMs()) : undefined;
    done.abort(new InterruptedError());
    for (const report of await Promise.all(faults)) expect(report.method).toEqual(method);
    for (const [index, text] of during.entries()) expect(text).not.toBe(before[index]);
    if (fastest !== undefined) expect(fastest).toBeGreaterThan(190);
    expect(await Promise.all(slow.map(ground))).toEqual(before);
    expectNothingLeft();
  });
});

test('Ctrl-C mends it at once', async () => {
  const interrupted = new AbortController();
  const held = onceHeld(async () => interrupted.abort(new InterruptedError()));
  const report = await start({ kind: 'pause' }, 'member1', {
    forMs: 600_000,
    signal: interrupted.signal,
    onStep: held.onStep,
  });
  expect(report.outcome).toEqual({ kind: 'interrupted' });
  expect(report.heldMs).toBeLessThan(60_000);
  expectNothingLeft();
});

test('nobody comes back: the host mends it by itself', async () => {
  const member = named('member3');
  const pid = await pidOf(member);
  // Long enough for all looks at it, also on a slow machine.
  const record = { cluster: found.config.name, member: 'member3', spec: { kind: 'pause' }, forMs: 6000 } as const;
  await beginFault(member, { ...record, who: 'somebody', since: '' }, []);
  expect(await readFile(`/proc/${pid}/status`, 'utf8')).toMatch(/^State:\tT/m);
  const { hosts } = await activeFaults(cluster, { undo: false });
  expect(hosts[0]?.faults).toMatchObject([{ isWatched: true, record, undone: 'not asked for' }]);
  // And meanwhile a second one is refused.
  await expect(start({ kind: 'kill' }, 'member3')).rejects.toThrow('another fault of member3 is active: pause');
  await vi.waitFor(expectNothingLeft, { timeout: 40_000, interval: 100 });
  expect(await readFile(`/proc/${pid}/status`, 'utf8')).not.toMatch(/^State:\tT/m);
});

test('undone by hand, and told what was', async () => {
  const member = named('member3');
  const record = { cluster: found.config.name, member: 'member3', spec: { kind: 'kill' }, forMs: 600_000 } as const;
  await beginFault(member, { ...record, who: 'somebody', since: '' }, []);
  expect((await stateOf(member)).kind).toBe('exited');
  const { hosts } = await activeFaults(cluster, { undo: true });
  expect(hosts[0]?.faults).toMatchObject([{ record, undone: 'yes' }]);
  expect((await stateOf(member)).kind).toBe('running');
  expectNothingLeft();
});

test.each([
  [{ kind: 'fill-disk', leaveBytes: 0 }, 'the disk is the one that this machine itself works on'],
  [{ kind: 'skew', offsetMs: 1000 }, 'skew member1: only the hosts of a lab have a clock of their own'],
] as const)('%j of this machine is refused, and nothing is touched', async (spec, message) => {
  await expect(start(spec, 'member1')).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message),
  });
  expectNothingLeft();
});

test.each([
  ['membr1', "there is no member 'membr1'", "did you mean 'member1'?"],
  ['node7', "there is no member 'node7'", 'leader, follower, or one of member1, member2, member3'],
])('%s is no member: refused, nothing is touched', async (name, message, hint) => {
  await expect(start({ kind: 'pause' }, name)).rejects.toMatchObject({ exitCode: 2, message, hint });
  expectNothingLeft();
});
