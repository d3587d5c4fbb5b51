import { startEtcd, startTcpProxy, type TcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { electionKeys, parseAgentRecord } from '../protocol/index.ts';
import { ElectionProcess } from './testing/election-process.ts';

let etcd: TestCluster;
let client: WireClient;
let running: AsyncDisposable[] = [];

beforeAll(async () => {
  etcd = await startEtcd({ members: 3 });
  client = await WireClient.connect({ endpoints: etcd.endpoints });
});
afterEach(async () => {
  await Promise.all(running.map((one) => one[Symbol.asyncDispose]()));
  running = [];
});
afterAll(async () => {
  await client?.close();
  await etcd?.stop();
});

async function run<T extends AsyncDisposable>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  running.push(started);
  return started;
}

function common(prefix: string) {
  return { host: 'here', endpoints: etcd.endpoints, prefix };
}

async function proxied(): Promise<{ proxy: TcpProxy; endpoints: string[] }> {
  const proxy = await run(startTcpProxy(etcd.members[0]!.clientPort));
  return { proxy, endpoints: [`http://127.0.0.1:${proxy.port}`] };
}

/** Kills the master and waits until the next one is; returns the round that this began. */
async function failover(prefix: string, candidates: ElectionProcess[]): Promise<number> {
  const keys = electionKeys(prefix);
  const patience = { timeout: 40_000, interval: 50 };
  const read = async (key: string) => (await client.range(key)).kvs[0]?.value.toString();
  const master = await vi.waitFor(async () => {
    const [identity, round] = [await read(keys.master), await read(keys.round)];
    const found = candidates.find((candidate) =>
      candidate.of('elected').some((event) => event.identity === identity && event.round === Number(round)),
    );
    expect(found).toBeDefined();
    return { process: found!, round: Number(round) };
  }, patience);
  await master.process.kill('SIGKILL');
  await vi.waitFor(async () => expect(await read(keys.round)).toBe(String(master.round + 1)), patience);
  return master.round + 1;
}

test('agents that are cut off go on from their revision, and miss nothing', async () => {
  const prefix = '/cut';
  const candidates = await Promise.all(
    ['a', 'b'].map((identity) => run(ElectionProcess.candidate({ ...common(prefix), identity }))),
  );
  const { proxy, endpoints } = await proxied();
  const agents = await run(ElectionProcess.agents({ ...common(prefix), endpoints, count: 20 }));
  await agents.until('recorded', ({ round }) => round === 1, { count: 20 });
  proxy.cut();
  expect(await failover(prefix, candidates)).toBe(2);
  proxy.heal();
  await agents.until('recorded', ({ round }) => round === 2, { count: 20 });
  expect(agents.of('resumed')).toHaveLength(20);
  expect(agents.of('gap')).toEqual([]);
  expect(agents.of('missed')).toEqual([]);
  // They were notified of the very deletion that happened while they were away.
  expect(
    new Set(
      agents
        .of('agent')
        .filter(({ round }) => round === 2)
        .map(({ deleteRev }) => deleteRev),
    ).size,
  ).toBe(1);
});

test('what was compacted away while agents were cut off is reported as a gap, and rounds they missed, too', async () => {
  const prefix = '/gap';
  const candidates = await Promise.all(
    ['a', 'b', 'c'].map((identity) => run(ElectionProcess.candidate({ ...common(prefix), identity }))),
  );
  const { proxy, endpoints } = await proxied();
  const agents = await run(ElectionProcess.agents({ ...common(prefix), endpoints, count: 10 }));
  await agents.until('recorded', ({ round }) => round === 1, { count: 10 });
  proxy.cut();
  expect(await failover(prefix, candidates)).toBe(2);
  expect(await failover(prefix, candidates)).toBe(3);
  const { header } = await client.put('/gap-end', 'x');
  const compacted = await fetch(`${etcd.endpoints[0]}/v3/kv/compaction`, {
    method: 'POST',
    body: JSON.stringify({ revision: header.revision }),
  });
  expect(compacted.ok).toBe(true);
  proxy.heal();
  await agents.until('recorded', ({ round }) => round === 3, { count: 10 });
  expect(agents.of('gap')).toHaveLength(10);
  expect(agents.of('missed')).toMatchObject(Array(10).fill({ fromRound: 2, toRound: 2 }));
});

test('an etcd member that is killed takes no agent and no candidate with it', async () => {
  const prefix = '/member';
  const candidates = await Promise.all(
    ['a', 'b', 'c'].map((identity) => run(ElectionProcess.candidate({ ...common(prefix), identity }))),
  );
  const agents = await run(ElectionProcess.agents({ ...common(prefix), count: 30 }));
  await agents.until('recorded', ({ round }) => round === 1, { count: 30 });
  const victim = etcd.members.find(({ endpoint }) => endpoint === etcd.endpoints[0])!;
  await victim.kill('SIGKILL');
  try {
    await agents.until('resumed', () => true, { count: 10 });
    const round = await failover(prefix, candidates);
    await agents.until('recorded', (event) => event.round === round, { count: 30 });
    expect(agents.of('missed')).toEqual([]);
    expect(agents.of('gap')).toEqual([]);
    for (const candidate of candidates) expect(candidate.stderr).toBe('');
  } finally {
    await victim.restart();
  }
});

test('a candidate that starts while there is no leader waits for one', async () => {
  const leader = await etcd.leader();
  const endpoints = etcd.members.filter((member) => member !== leader).map(({ endpoint }) => endpoint);
  leader.pause();
  try {
    const candidate = await run(ElectionProcess.candidate({ ...common('/leaderless'), endpoints, identity: 'a' }));
    await candidate.until('elected');
  } finally {
    leader.resume();
  }
});

test('whatever stands in the master key is taken for a master, and what replaces it is not obeyed', async () => {
  const prefix = '/garbage';
  const keys = electionKeys(prefix);
  await client.put(keys.master, Buffer.from([0xff, 0x7c, 0x0a, 0x00, 0x7c, 0xc3]));
  await client.put(keys.round, 'not a number');
  const candidate = await run(ElectionProcess.candidate({ ...common(prefix), identity: 'a' }));
  const agents = await run(ElectionProcess.agents({ ...common(prefix), count: 3, payloadWaitMs: 200 }));
  await candidate.until('waiting', ({ round }) => round === 0);
  await agents.until('recorded', ({ round }) => round === 0, { count: 3 });
  const { kvs } = await client.range(keys.agentsOf(0), { prefix: true });
  expect(parseAgentRecord(kvs[0]!.value.toString())).toMatchObject({ master: '?|??|?', identity: 'here-0' });
  await client.deleteRange(keys.master);
  await agents.until('recorded', ({ round }) => round === 1, { count: 3 });
  // A master whose key is overwritten has lost its office, at once.
  await client.put(keys.master, 'somebody else');
  expect(await candidate.until('lost')).toMatchObject([{ round: 1, reason: 'key-replaced' }]);
});

test('agents can share connections', async () => {
  const prefix = '/shared';
  await run(ElectionProcess.candidate({ ...common(prefix), identity: 'a' }));
  const agents = await run(
    ElectionProcess.agents({ ...common(prefix), count: 40, connections: { shared: 3 }, intervalMs: 100 }),
  );
  await agents.until('recorded', ({ round }) => round === 1, { count: 40 });
  const [interval] = await agents.until('interval', ({ registered }) => registered[1] === 40);
  expect(interval).toMatchObject({ connected: 3, gaps: 0, missed: 0 });
});

test('an etcd that can’t be reached is said, with its endpoint; a wrong configuration is refused', async () => {
  const agents = await run(ElectionProcess.agents({ host: 'here', endpoints: ['http://127.0.0.1:1'], count: 1 }));
  expect(await agents.exitCode()).toBe(1);
  expect(agents.stderr).toContain('127.0.0.1:1');
  expect(agents.of('stopped')).toMatchObject([{ why: 'error' }]);
  const auth = { user: 'root', password: 'verysecret', passwrd: 'verysecret' };
  const wrong = await run(ElectionProcess.start('agents', { ...common(''), count: 0, auth }));
  expect(await wrong.exitCode()).toBe(2);
  expect(wrong.stderr).toMatch(/count: must be at least/);
  expect(wrong.stderr).toMatch(/auth: unknown: passwrd/);
  expect(wrong.stderr).not.toContain('verysecret');
});

test('the time is up: the process ends, and says so', async () => {
  const agents = await run(ElectionProcess.agents({ ...common('/short'), count: 2, durationMs: 300 }));
  expect(await agents.exitCode()).toBe(0);
  expect(agents.of('stopped')).toMatchObject([{ why: 'duration' }]);
});
