import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { electionKeys, parseAgentRecord, parseBatchRecord, parseNewMasterRecord } from '../protocol/index.ts';
import { ElectionProcess } from './testing/election-process.ts';

let etcd: TestCluster;
let client: WireClient;
let running: ElectionProcess[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
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

async function run(starting: Promise<ElectionProcess>): Promise<ElectionProcess> {
  const started = await starting;
  running.push(started);
  return started;
}

function common(prefix: string) {
  return { host: 'here', endpoints: etcd.endpoints, prefix };
}

/** Whose `elected` event for `round` is there. */
async function masterOf(candidates: readonly ElectionProcess[], round: number): Promise<ElectionProcess> {
  return Promise.any(
    candidates.map(async (candidate) => {
      await candidate.until('elected', (event) => event.round === round);
      return candidate;
    }),
  );
}

describe.each(['one-key', 'queue'] as const)('%s', (algorithm) => {
  const prefix = `/failover-${algorithm}`;
  const keys = electionKeys(prefix);

  test('the killed master is replaced, every agent records the round, the stop key ends all', async () => {
    const candidates = await Promise.all(
      ['a', 'b', 'c'].map((identity) =>
        run(ElectionProcess.candidate({ ...common(prefix), identity, algorithm, ttlSeconds: 4 })),
      ),
    );
    const agents = await run(ElectionProcess.agents({ ...common(prefix), count: 50 }));
    await agents.until('recorded', ({ round }) => round === 1, { count: 50 });
    await Promise.all(candidates.map((candidate) => candidate.until('granted', ({ ttlSeconds }) => ttlSeconds >= 2)));

    const first = await masterOf(candidates, 1);
    const others = candidates.filter((candidate) => candidate !== first);
    await Promise.all(others.map((candidate) => candidate.until('waiting')));
    // Told once its record as the new master is written.
    await first.until('recovered');
    await first.kill('SIGKILL');
    await agents.until('recorded', ({ round }) => round === 2, { count: 50 });

    // Agents may know of the new master before its own event is in its file.
    const second = await masterOf(others, 2);
    await second.until('recovered');
    const elected = others.flatMap((candidate) => candidate.of('elected'));
    expect(elected).toMatchObject([{ round: 2, from: first.of('elected')[0]?.identity }]);
    const [notified] = await second.until('notified');
    expect(notified).toMatchObject({ round: 2 });
    for (const event of agents.of('agent').filter(({ round }) => round === 2)) {
      expect(event).toMatchObject({ deleteRev: notified?.rev, payload: 'current', master: elected[0]?.identity });
      expect(event.rev).toBeGreaterThanOrEqual(elected[0]!.rev);
      expect(BigInt(event.gotNs)).toBeGreaterThan(BigInt(event.notifiedNs!));
    }
    for (const round of [1, 2]) {
      const { kvs } = await client.range(keys.agentsOf(round), { prefix: true });
      const records = kvs.map(({ value }) => parseAgentRecord(value.toString()));
      expect(new Set(records.map((record) => record?.identity)).size).toBe(50);
    }
    const { kvs: newMasters } = await client.range(keys.newMasters, { prefix: true });
    expect(newMasters.map(({ value }) => parseNewMasterRecord(value.toString()))).toHaveLength(2);
    expect((await client.range(keys.round)).kvs[0]?.value.toString()).toBe('2');
    expect(agents.of('gap')).toEqual([]);
    expect(agents.of('missed')).toEqual([]);

    await client.put(keys.stop, 'now');
    expect(await Promise.all([...others, agents].map((one) => one.exitCode()))).toEqual([0, 0, 0]);
    for (const one of [...others, agents]) expect(one.of('stopped')).toMatchObject([{ why: 'stop-key' }]);
    expect((await client.range(keys.master)).kvs).toEqual([]);
  });

  test('a master that is told to end gives the office to the next one', async () => {
    const own = `${prefix}-graceful`;
    const first = await run(ElectionProcess.candidate({ ...common(own), identity: 'a', algorithm, ttlSeconds: 60 }));
    await first.until('payload');
    const second = await run(ElectionProcess.candidate({ ...common(own), identity: 'b', algorithm, ttlSeconds: 60 }));
    await second.until('waiting');
    expect(await first.kill('SIGTERM')).toBe(0);
    expect(first.of('lost')).toMatchObject([{ round: 1, reason: 'stopped' }]);
    expect(first.of('stopped')).toMatchObject([{ why: 'signal', identity: 'a' }]);
    // Long before its lease would have run out.
    await second.until('elected', ({ round, from }) => round === 2 && from === 'a');
  });

  test('a master that sleeps past its lease is found believing while another one is master', async () => {
    const own = `${prefix}-frozen`;
    const first = await run(ElectionProcess.candidate({ ...common(own), identity: 'a', algorithm }));
    await first.until('payload');
    const second = await run(ElectionProcess.candidate({ ...common(own), identity: 'b', algorithm }));
    await second.until('waiting');
    await first.kill('SIGSTOP');
    const [elected] = await second.until('elected');
    await first.kill('SIGCONT');
    const [lost] = await first.until('lost');
    const [believed] = first.of('elected');
    // Two believers at once, by the clock; which one was right, by etcd's revisions.
    expect(BigInt(lost!.tNs)).toBeGreaterThan(BigInt(elected!.tNs));
    expect(lost).toMatchObject({ round: 1, rev: believed!.rev, reason: expect.stringMatching(/^lease-|^key-/) });
    expect(elected!.rev).toBeGreaterThan(believed!.rev);
    // It is a candidate again, with another lease.
    await first.until('waiting', ({ master }) => master === 'b');
    expect(first.of('granted')).toHaveLength(2);
  });
});

test('in the queue, who was master is told of one that became it unseen by who waited behind it', async () => {
  const prefix = '/unseen';
  const keys = electionKeys(prefix);
  const { id: lease } = await client.leaseGrant(60);
  await client.put(keys.queued(lease), 'ahead', { lease });
  const candidate = await run(ElectionProcess.candidate({ ...common(prefix), identity: 'b', algorithm: 'queue' }));
  await candidate.until('waiting', ({ master }) => master === '');
  await client.put(keys.master, 'ahead', { lease });
  await client.put(keys.round, '1');
  await client.leaseRevoke(lease);
  expect(await candidate.until('elected')).toMatchObject([{ round: 2, from: 'ahead' }]);
});

test('a new master recovers the filled store; its batches are followed, recorded and removed', async () => {
  const prefix = '/state';
  const keys = electionKeys(prefix);
  const value = 'x'.repeat(100);
  for (let n = 0; n < 1200; n += 100) {
    const success = Array.from(
      { length: 100 },
      (_, i) => ({ kind: 'put', key: keys.filler(`uuid-${n + i}`), value }) as const,
    );
    await client.txn({ success });
  }
  const replication = { batchSize: 250, valueBytes: 64, intervalMs: 200 };
  const first = await run(ElectionProcess.candidate({ ...common(prefix), identity: 'a', replication }));
  const [recovered] = await first.until('recovered');
  expect(recovered).toMatchObject({ round: 1, keys: 1200 });
  expect(recovered!.bytes).toBeGreaterThan(1200 * 100);
  const follower = await run(ElectionProcess.candidate({ ...common(prefix), identity: 'b', replication }));
  const [followed] = await follower.until('followed');
  expect(followed).toMatchObject({ keys: 250, bytes: 250 * 64 });
  const written = (await client.range(keys.updatedResults, { prefix: true })).kvs;
  const read = (await client.range(keys.followedResults, { prefix: true })).kvs;
  for (const { value: record } of [...written, ...read]) expect(parseBatchRecord(record.toString())).toBeDefined();
  expect((await client.range(keys.batch(followed!.batch), { prefix: true })).kvs).toEqual([]);
  await first.kill('SIGKILL');
  await follower.until('replicated', ({ round }) => round === 2);
});
