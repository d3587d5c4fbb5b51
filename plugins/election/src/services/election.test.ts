import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killDaemon, listDaemons } from '@etcdperf/core/daemon';
import { InterruptedError } from '@etcdperf/core/errors';
import { createRun, openRun, type Run } from '@etcdperf/core/runs';
import { LocalExecutor } from '@etcdperf/core/ssh';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AgentEvent, electionKeys } from '../protocol/index.ts';
import { connectWire } from './connect-wire.ts';
import { electionStatus } from './election-status.ts';
import { eventsFile } from './event-collector.ts';
import { initStore } from './init-store.ts';
import type { AgentsOptions } from './plan-agents.ts';
import { type FailoverOptions, runFailover } from './run-failover.ts';
import type { Site } from './site.ts';
import { startAgents } from './start-agents.ts';
import { type CandidatesOptions, startCandidates } from './start-candidates.ts';
import { stopElection } from './stop-election.ts';
import { summariseEtcd } from './summarise-etcd.ts';
import { summariseRun } from './summarise-run.ts';

const candidatesOptions: CandidatesOptions = {
  count: 3,
  ttlSeconds: 1,
  refreshMs: 300,
  algorithm: 'one-key',
  payload: 'payload\n'.repeat(128),
  replication: null,
  timeoutMs: 30_000,
};
const agentsOptions: AgentsOptions = { count: 30, connections: 'own', jitterMs: 0, timeoutMs: 60_000 };
const failoverOptions: FailoverOptions = { rounds: 2, timeoutMs: 60_000, restart: true };

let etcd: TestCluster;
let dir: string;
let site: Site;

beforeAll(async () => {
  etcd = await startEtcd();
});
afterAll(() => etcd.stop());

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'etcdperf-election-'));
  const host = { name: 'here', executor: new LocalExecutor('here'), workDir: join(dir, 'work') };
  site = { access: { endpoints: etcd.endpoints }, masters: [host], agents: [host] };
});
afterEach(async () => {
  await stopElection(site.masters, site.access, { openRun: newRun });
  await rm(dir, { recursive: true, force: true });
});

const newRun = (): Promise<Run> => createRun({ runsDir: join(dir, 'runs'), command: 'election:test' });
const daemons = async () => [...(await listDaemons(site.masters[0]!.executor, site.masters[0]!.workDir)).keys()];

async function startElection(agents: Partial<AgentsOptions> = {}): Promise<void> {
  await initStore(site, { keys: 100, valueBytes: 64 });
  await startCandidates(site, candidatesOptions);
  await startAgents(site, { ...agentsOptions, ...agents }, { run: await newRun() });
}

describe('a failover', () => {
  test('kills two masters and every agent follows; the summary is what the events say', async () => {
    await startElection();
    const run = await newRun();
    const result = await runFailover(site, failoverOptions, { run });

    expect(result.agents).toMatchObject({ expected: 30, registered: 30, lost: 0, gaps: 0 });
    expect(result.rounds.map((round) => round.round)).toEqual([2, 3]);
    for (const round of result.rounds) {
      expect(round.to).not.toBe(round.from);
      // etcd raises a TTL of 1 s.
      expect(round).toMatchObject({ grantedTtlSeconds: 2, floorMs: 1700, missed: 0, overlaps: 0 });
      const { expiry, notification, election, payload, agents } = round.phases!;
      const sum = expiry.ms + notification.ms + election.ms + payload.ms;
      expect(sum - payload.ms).toBeCloseTo(round.elected!.ms, 3);
      expect(agents.ms + sum).toBeGreaterThanOrEqual(round.notified.maxMs);
      expect(round.notified).toMatchObject({ count: 30 });
      expect(round.obtained).toMatchObject({ count: 30, clockErrorMs: 0 });
    }
    const folder = await openRun(run.dir);
    expect(await folder.result()).toEqual(JSON.parse(JSON.stringify(result)));

    const told: AgentEvent[] = [];
    const file = eventsFile({ host: 'here', process: 'election-agents-1' });
    for await (const event of folder.events<AgentEvent>(file))
      if (event.e === 'agent' && event.round === 3) told.push(event);
    const durations = told.map((event) =>
      event.e === 'agent' ? Number(BigInt(event.gotNs) - BigInt(event.notifiedNs!)) / 1e6 : 0,
    );
    const [summary] = (await summariseRun(folder, 3)).rounds;
    expect(summary).toMatchObject({ round: 3, agents: 30, masters: [result.rounds[1]!.to] });
    expect(summary!.obtained.minMs).toBeCloseTo(Math.min(...durations), 6);
    expect(summary!.obtained.maxMs).toBeCloseTo(Math.max(...durations), 6);
    expect(summary!.obtained.meanMs).toBeCloseTo(durations.reduce((sum, ms) => sum + ms, 0) / 30, 6);
    expect(summary!.obtained.bySecond.reduce((sum, { count }) => sum + count, 0)).toBe(30);
    expect(summary!.notified).toMatchObject({ count: 30 });

    // Records in etcd have microseconds.
    const [recorded] = (await summariseEtcd(site.access, { onlyRound: 3 })).rounds;
    expect(recorded).toMatchObject({ round: 3, agents: 30 });
    expect(Math.abs(recorded!.obtained.meanMs - summary!.obtained.meanMs)).toBeLessThan(0.01);

    const status = await electionStatus(site);
    expect(status).toMatchObject({ master: result.rounds[1]!.to, round: 3 });
    const [host] = status.hosts;
    expect(host?.status === 'ok' && host.processes.every((process) => process.state === 'running')).toBe(true);
    await expect(initStore(site, { keys: 0, valueBytes: 1 })).rejects.toThrow('an election runs');
  });

  test('a second one at the same time is refused and says who holds the lock', async () => {
    await startElection({ count: 3 });
    const first = runFailover(site, { ...failoverOptions, rounds: 1 }, { run: await newRun() });
    await using wire = await connectWire(site.access);
    await vi.waitFor(
      async () => expect((await wire.wire.range(electionKeys().experiment)).kvs).toHaveLength(1),
      10_000,
    );
    const second = runFailover(site, failoverOptions, { run: await newRun() });
    await expect(second).rejects.toThrow(/another failover is under way on this cluster, by .*@.* since/);
    expect((await first).rounds).toHaveLength(1);
    expect((await wire.wire.range(electionKeys().experiment)).kvs).toHaveLength(0);
  });

  test('agents whose process died are reported as lost, and not waited for', async () => {
    await startElection({ count: 5 });
    const { executor, workDir } = site.agents[0]!;
    await killDaemon(executor, workDir, 'election-agents-1', 'SIGKILL');
    const result = await runFailover(site, { ...failoverOptions, rounds: 1 }, { run: await newRun() });
    expect(result.agents).toMatchObject({ expected: 5, registered: 0, lost: 5 });
    expect(result.rounds[0]).toMatchObject({
      outcome: 'complete',
      missed: 5,
      missing: expect.arrayContaining(['here-0']),
    });
    expect(result.warnings.join()).toContain('5 in round 2');
  });

  test('broken off, it keeps its results and leaves the election as it was', async () => {
    await startElection({ count: 3 });
    const before = await daemons();
    const run = await newRun();
    const controller = new AbortController();
    const failover = runFailover(
      site,
      { ...failoverOptions, rounds: 100, onRound: () => controller.abort(new InterruptedError()) },
      { run, signal: controller.signal },
    );
    await expect(failover).rejects.toBeInstanceOf(InterruptedError);
    expect(await daemons()).toEqual(before);
    const result = await (await openRun(run.dir)).result();
    expect(result).toMatchObject({
      agents: { expected: 3, registered: 3 },
      rounds: [{ round: 2, outcome: 'complete', missed: 0 }],
    });
  });
});

describe('starting', () => {
  test('the queue elects, too, and hands over', async () => {
    await initStore(site, { keys: 0, valueBytes: 1 });
    const started = await startCandidates(site, { ...candidatesOptions, algorithm: 'queue' });
    expect(started).toMatchObject({
      algorithm: 'queue',
      ttl: { askedSeconds: 1, grantedSeconds: 2 },
      master: { round: 1 },
    });
    const result = await runFailover(site, { ...failoverOptions, rounds: 1 }, { run: await newRun() });
    expect(result.rounds[0]).toMatchObject({ from: started.master.identity, overlaps: 0 });
    expect(result.warnings.join()).toContain('no agents run');
  });

  test('agents without a master are refused, a second set of candidates, too', async () => {
    await initStore(site, { keys: 0, valueBytes: 1 });
    await expect(startAgents(site, agentsOptions, { run: await newRun() })).rejects.toThrow('no master');
    await startCandidates(site, candidatesOptions);
    await expect(startCandidates(site, candidatesOptions)).rejects.toThrow('candidates run already');
  });

  test('Ctrl-C while agents start ends them, and keeps what they told', async () => {
    await initStore(site, { keys: 0, valueBytes: 1 });
    await startCandidates(site, candidatesOptions);
    const run = await newRun();
    const controller = new AbortController();
    const progress = {
      step: (text: string) => {
        if (/ [1-9]\d* of 30 agents registered/.test(text)) controller.abort(new InterruptedError());
      },
      info: () => undefined,
      done: () => undefined,
    };
    const starting = startAgents(site, agentsOptions, { run, progress, signal: controller.signal });
    await expect(starting).rejects.toBeInstanceOf(InterruptedError);
    expect((await daemons()).filter((name) => name.includes('agents'))).toEqual([]);
    expect(await readdir(run.dir)).toContain(eventsFile({ host: 'here', process: 'election-agents-1' }));
  });

  test('stop ends everything, and doing it again changes nothing', async () => {
    await startElection({ count: 3 });
    const stop = () => stopElection(site.masters, site.access, { openRun: newRun });
    const first = await stop();
    expect(first).toMatchObject({ told: true, hosts: [{ host: 'here', status: 'ok' }] });
    expect(existsSync(join(first.run!.dir, eventsFile({ host: 'here', process: 'election-candidate-1' })))).toBe(true);
    expect(await daemons()).toEqual([]);
    expect(await stop()).toEqual({ run: null, told: false, hosts: [{ host: 'here', status: 'ok', stopped: [] }] });
    await using wire = await connectWire(site.access);
    const { stop: stopKey, master } = electionKeys();
    expect((await wire.wire.range(stopKey)).kvs).toHaveLength(0);
    expect((await wire.wire.range(master)).kvs).toHaveLength(0);
  });
});

test('init removes what an earlier election left, and nothing else', async () => {
  await using open = await connectWire(site.access);
  const leftovers = [
    '/agents/1/x',
    '/new_master/x_1',
    '/status/x',
    '/updated/1/1',
    '/master',
    '/ego_conf',
    '/election/round',
  ];
  for (const key of [...leftovers, '/application', '/masterpiece']) await open.wire.put(key, 'x');
  const result = await initStore(site, { keys: 500, valueBytes: 100 });
  expect(result).toMatchObject({ removed: expect.any(Number), filled: { keys: 500, valueBytes: 100 } });
  expect(result.removed).toBeGreaterThanOrEqual(leftovers.length);
  const { kvs } = await open.wire.range('/', { prefix: true });
  expect(kvs.filter((kv) => kv.key.toString().startsWith('/status/') && kv.value.length === 100)).toHaveLength(500);
  const others = kvs.map((kv) => kv.key.toString()).filter((key) => !key.startsWith('/status/'));
  expect(others.sort()).toEqual(['/application', '/masterpiece']);
  await open.wire.deleteRange('/application');
  await open.wire.deleteRange('/masterpiece');
});

test('a cluster without quorum is said soon, with the endpoints', async () => {
  await using cluster = await startEtcd({ members: 3 });
  await Promise.all(cluster.members.slice(1).map((member) => member.kill()));
  const headless: Site = { ...site, access: { endpoints: cluster.endpoints } };
  const startedAt = performance.now();
  const work = [
    () => initStore(headless, { keys: 1, valueBytes: 1 }),
    async () => runFailover(headless, failoverOptions, { run: await newRun() }),
    async () => startAgents(headless, agentsOptions, { run: await newRun() }),
    () => startCandidates(headless, candidatesOptions),
  ];
  const outcomes = await Promise.allSettled(work.map((one) => one()));
  // Before any of the commands' own time limits.
  expect(performance.now() - startedAt).toBeLessThan(28_000);
  for (const outcome of outcomes) {
    const reason = outcome.status === 'rejected' ? outcome.reason : undefined;
    expect(reason).toMatchObject({ exitCode: 1, where: expect.stringContaining(cluster.endpoints[0]!) });
    expect(reason.message).toMatch(/no quorum|can't be reached/);
  }
});
