import { describe, expect, test, vi } from 'vitest';
import { type ClusterAccess, scrapeMember } from '../etcd/index.ts';
import { startEtcd, type TestCluster } from '../testing/index.ts';
import { WireClient } from '../wire/index.ts';
import { type Finding, type PreflightOptions, preflight } from './preflight.ts';

const LONG = { timeout: 30_000, interval: 20 };
const all = { kind: 'all' } as const;

const look = (endpoints: readonly string[], options: Partial<PreflightOptions> = {}) =>
  preflight({ access: { endpoints }, target: all, ...options });
const kinds = (findings: readonly Finding[]) => findings.map((finding) => finding.kind);

async function write(access: ClusterAccess, keys: number, bytes: number): Promise<void> {
  await using client = await WireClient.connect(access);
  const value = Buffer.alloc(bytes, 'x');
  for (let i = 0; i < keys; i += 1) await client.put(`bench/${i % 1000}`, value, { timeoutMs: 20_000 });
}

/** Everything that can be asked, so that nothing is silent because it was not. */
const everything = {
  keySpaceSize: 100_000,
  ttlSeconds: 60,
  expectedWriteBytes: 1e6,
  reads: { key: 'bench/', prefix: true },
};

test('three healthy members with all that a load needs: nothing to say', async () => {
  await using cluster = await startEtcd({ members: 3 });
  await write(cluster, 3, 10);
  expect(await look(cluster.endpoints, everything)).toEqual([]);
  for (const target of [{ kind: 'leader' }, { kind: 'followers' }] as const)
    expect(await look(cluster.endpoints, { ...everything, target })).toEqual([]);
  // The lease that was tried out is gone: on the member that answered first, and soon on the leader.
  await vi.waitFor(async () => expect(await leasesOf(cluster)).toBe(0), LONG);
});

async function leasesOf(cluster: TestCluster): Promise<number> {
  const metrics = await scrapeMember(cluster, (await cluster.leader()).endpoint);
  return metrics.value('etcd_debugging_lease_granted_total')! - metrics.value('etcd_debugging_lease_revoked_total')!;
}

test('what the load itself gets wrong: one key, a short TTL, nothing to read', async () => {
  await using cluster = await startEtcd();
  const reads = { key: 'bench/', prefix: true };
  const findings = await look(cluster.endpoints, { keySpaceSize: 1, ttlSeconds: 1, reads });
  expect(findings).toMatchObject([
    {
      kind: 'single-key',
      message: expect.stringContaining('1 key'),
      hint: expect.stringContaining('--key-space-size'),
    },
    { kind: 'ttl-differs', message: 'leases asked for 1 s are granted 2 s' },
    { kind: 'empty', message: 'there are no keys at "bench/" and below: reads will find nothing' },
  ]);
  expect(await leasesOf(cluster)).toBe(0);
  await write(cluster, 1, 1);
  expect(await look(cluster.endpoints, { reads })).toEqual([]);
  expect(await look(cluster.endpoints, { reads: { key: 'bench/0' } })).toEqual([]);
  expect(await look(cluster.endpoints, { reads: { key: 'bench/1', rangeEnd: 'bench/2' } })).toMatchObject([
    { kind: 'empty', message: 'there are no keys at "bench/1" to "bench/2": reads will find nothing' },
  ]);
});

/** etcd sees what is written when its next batch is committed, some 100 ms later: it takes more than the quota. */
const fill = (cluster: TestCluster) => expect(write(cluster, 5000, 20_000)).rejects.toThrow(/database space exceeded/);

test('the quota: what is written would not fit, it is nearly full, the alarm is raised', async () => {
  await using cluster = await startEtcd({ flags: { 'quota-backend-bytes': 4_000_000 } });
  const { endpoints } = cluster;
  expect(await look(endpoints, { expectedWrites: 900, expectedWriteBytes: 2_700_000 })).toEqual([]);
  // Three thousand kilobytes, three to a page of four.
  expect(kinds(await look(endpoints, { expectedWrites: 3000, expectedWriteBytes: 3_000_000 }))).toEqual(['over-quota']);
  const [tooMuch] = await look(endpoints, { expectedWrites: 5000, expectedWriteBytes: 5_000_000 });
  expect(tooMuch).toMatchObject({
    kind: 'over-quota',
    message: expect.stringMatching(
      /^m1 has taken 0\.0\d+ MB of its quota of 4 MB \(\d %\), and the load will take about 6\.89 MB/,
    ),
    hint: expect.stringContaining('--quota-backend-bytes'),
  });

  await write(cluster, 60, 40_000);
  const [nearlyFull] = await vi.waitFor(async () => {
    await write(cluster, 1, 40_000);
    const findings = await look(endpoints);
    expect(kinds(findings)).toEqual(['quota']);
    return findings;
  }, LONG);
  expect(nearlyFull!.message).toMatch(/^m1 has taken 3\.\d+ MB of its quota of 4 MB \((8|9)\d %\): etcd refuses/);

  await fill(cluster);
  await vi.waitFor(async () => {
    const alarm = (await look(endpoints)).find(({ kind }) => kind === 'alarm');
    expect(alarm).toMatchObject({
      message: 'alarm NOSPACE of m1: its quota is used up, etcd refuses all writes',
      hint: expect.stringContaining('disarm'),
    });
  }, LONG);
});

test.each(['3.4', '3.5'])('etcd %s raises the same findings', async (version) => {
  await using cluster = await startEtcd({ version, flags: { 'quota-backend-bytes': 500_000 } });
  await fill(cluster);
  await vi.waitFor(async () => {
    const findings = await look(cluster.endpoints, { reads: { key: 'none' } });
    expect(kinds(findings)).toEqual(['alarm', 'quota', 'empty']);
  }, LONG);
});

describe('three members', () => {
  test('one killed, the leader elsewhere, a member that runs another version, the quorum lost', async () => {
    await using cluster = await startEtcd({ members: 3, version: '3.5' });
    const leader = await cluster.leader();
    const [first, second] = cluster.members.filter((member) => member !== leader);

    // The load goes where the leader isn't.
    const target = { kind: 'member', name: first!.name } as const;
    const elsewhere = {
      kind: 'leader-elsewhere',
      message: expect.stringContaining(`the load goes to ${first!.name}, and the leader is ${leader.name}:`),
      hint: expect.stringContaining('--target leader'),
    };
    expect(await look(cluster.endpoints, { target })).toMatchObject([elsewhere]);
    expect(await look([first!.endpoint])).toMatchObject([elsewhere]);
    expect(await look([leader.endpoint])).toEqual([]);

    // The quota is a matter of the member that has the least room, and is told once.
    expect(kinds(await look(cluster.endpoints, { expectedWriteBytes: 1e10 }))).toEqual(['over-quota']);

    // One is down; whether it is named or only listed makes a difference.
    await first!.kill();
    expect(await look(cluster.endpoints)).toMatchObject([
      {
        kind: 'member-down',
        message: `${first!.name} (${first!.endpoint}) does not answer: connection refused`,
        hint: expect.stringContaining('2 of 3 endpoints answer'),
      },
    ]);
    const rest = cluster.endpoints.filter((endpoint) => endpoint !== first!.endpoint);
    expect(await look(rest)).toMatchObject([
      { kind: 'other', message: `1 of 3 members can't be looked at from here: ${first!.name} (${first!.endpoint})` },
    ]);

    // It comes back as another version.
    await first!.restart('3.6');
    const versions = await vi.waitFor(async () => {
      const findings = await look(cluster.endpoints);
      expect(kinds(findings)).toEqual(['versions']);
      return findings;
    }, LONG);
    expect(versions[0]!.message).toMatch(
      new RegExp(`^the members run different versions: .*${first!.name} 3\\.6\\.\\d+`),
    );

    await Promise.all([leader.kill(), first!.kill()]);
    await vi.waitFor(async () => {
      const findings = await look(cluster.endpoints, { ttlSeconds: 60 });
      expect(kinds(findings)).toContain('no-leader');
      expect(findings.find(({ kind }) => kind === 'no-leader')!.message).toBe(
        'no leader: 1 of 3 members answer, and none knows one',
      );
      expect(findings.filter(({ kind }) => kind === 'member-down')).toHaveLength(2);
    }, LONG);
    expect(second!.pid).toBeGreaterThan(0);
  });
});

test('endpoints of two clusters are told', async () => {
  await using one = await startEtcd();
  await using other = await startEtcd();
  const findings = await look([...one.endpoints, ...other.endpoints]);
  expect(findings.find(({ message }) => message.includes('2 different clusters'))).toBeDefined();
});

test('where nobody is there, nothing can be measured', async () => {
  await expect(look(['http://127.0.0.1:1'], everything)).rejects.toThrow("etcd can't be reached: connection refused");
  await expect(look(['http://127.0.0.1:1', 'https://127.0.0.1:2'])).rejects.toThrow('endpoints mix https');
});

test('an abort ends it', async () => {
  await using cluster = await startEtcd();
  cluster.members[0]!.pause();
  const aborting = new AbortController();
  const failure = look(cluster.endpoints, { ...everything, signal: aborting.signal });
  aborting.abort(new Error('enough'));
  await expect(failure).rejects.toThrow('enough');
});
