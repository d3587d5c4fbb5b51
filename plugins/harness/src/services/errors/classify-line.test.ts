import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { openCluster } from '@etcdperf/core/etcd';
import { startEtcd, type TestCluster, type TestMember } from '@etcdperf/core/testing';
import { expect, test, vi } from 'vitest';
import { LineFilter } from '../logs/line-filter.ts';
import { parseLogLine } from '../logs/parse-log-line.ts';
import { classifyLine } from './classify-line.ts';
import type { ErrorKindId } from './error-kinds.ts';
import { TroubleCounts } from './trouble-counts.ts';

const SLOW = { timeout: 60_000, interval: 200 };

/** Trouble that is made, and that etcd of every version must be understood to tell of. */
const ALWAYS: readonly ErrorKindId[] = [
  ...(['slow-fsync', 'late-heartbeat', 'lost-leader', 'election', 'peer-break', 'peer-unreachable'] as const),
  ...(['no-space', 'rejected-request', 'restart', 'crash'] as const),
];
const OF_JSON: readonly ErrorKindId[] = ['rejected-connection', 'defragmentation', 'stop'];
const SINCE_3_5: readonly ErrorKindId[] = ['slow-apply', 'snapshot'];

/** `text` is 3.4 as it wrote before JSON. */
test.concurrent.each([
  ['3.4 as text', '3.4', { logger: 'capnslog' }, ALWAYS],
  ['3.4', '3.4', { 'log-level': 'info' }, [...ALWAYS, ...OF_JSON]],
  [
    '3.5',
    '3.5',
    {
      ...{ 'log-level': 'info', 'snapshot-count': 50 },
      ...{ 'experimental-warning-apply-duration': '1ns', 'experimental-snapshot-catchup-entries': 10 },
    },
    [...ALWAYS, ...OF_JSON, ...SINCE_3_5],
  ],
  [
    '3.6',
    '3.6',
    {
      ...{ 'log-level': 'info', 'snapshot-count': 50 },
      ...{ 'warning-apply-duration': '1ns', 'snapshot-catchup-entries': 10 },
    },
    [...ALWAYS, ...OF_JSON, ...SINCE_3_5],
  ],
] as const)(
  'what etcd %s tells of trouble is understood',
  async (_, version, more, expected) => {
    const flags = {
      ...{ 'heartbeat-interval': 50, 'election-timeout': 300, 'quota-backend-bytes': 3_000_000 },
      'unsafe-no-fsync': false,
      ...more,
    };
    await using cluster = await startEtcd({ members: 3, version, tls: 'mutual', flags, tmpfs: false });
    const [first] = cluster.members as [TestMember];
    const seen = (kind: ErrorKindId) =>
      vi.waitFor(() => expect([...countsOf(cluster).kinds.keys()]).toContain(kind), SLOW);

    await shakeHandsWithoutCertificate(first.clientPort);
    await pauseWithinFsync(cluster);
    await putWithLeaseOfNobody(cluster);
    await seen('rejected-request');

    const follower = cluster.members.find((member) => member !== first)!;
    await follower.kill();
    await seen('peer-unreachable');
    await putSome(cluster, 150, 100);
    await follower.restart();
    await seen('restart');
    if (expected.includes('snapshot')) await seen('snapshot');
    await putSome(cluster, 60, 100_000);
    await seen('no-space');
    await defragment(cluster, first);
    await follower.kill('SIGTERM');
    expect(countsOf(cluster).kinds.get('other')).toBeUndefined();

    await writeFile(join(follower.dataDir, 'member', 'snap', 'db'), 'no database');
    await expect(follower.restart()).rejects.toThrow('ended at once');
    const counts = countsOf(cluster);
    expect([...counts.kinds.keys()].sort()).toEqual(expect.arrayContaining([...expected].sort()));
    expect(counts.kinds.get('crash')?.count).toBe(1);
    expect(counts.kinds.get('slow-fsync')?.worstMs).toBeGreaterThan(1000);
    expect(counts.kinds.get('late-heartbeat')?.worstMs).toBeGreaterThan(0);
    expect(counts.kinds.get('restart')?.count).toBe(1);
  },
  180_000,
);

test.each([
  '2026-11-21 23:08:05.1 W | etcdserver: request "header:<ID:1 > put:<key:\\"took too long (\\" value_size:1 >" with result "size:5" took too long (1.5s) to execute',
  '2026-11-21 23:08:05.1 W | etcdserver: read-only range request "key:\\"a\\" " with result "range_response_count:0 size:5" took too long (1.5s) to execute',
  '{"level":"warn","ts":"2026-11-21T23:08:05.1Z","caller":"etcdserver/util.go:163","msg":"apply request took too long","took":"1.5s"}',
])('a slow apply: %s', (text) => {
  expect(classifyLine(parseLogLine(text)!)).toEqual({ kind: 'slow-apply', tookMs: 1500 });
});

test.each([
  ['finished scheduled compaction', { took: '20ms' }, undefined],
  ['finished scheduled compaction', { took: '2s' }, { kind: 'slow-compaction', tookMs: 2000 }],
  ['alarm raised', { alarm: 'CORRUPT' }, { kind: 'corrupt', tookMs: undefined }],
  ['failed to apply request', { error: 'etcdserver: no space' }, { kind: 'no-space', tookMs: undefined }],
  ['compacted Raft logs', { level: 'info' }, undefined],
  ['setting up serving from embedded etcd failed.', { error: 'mux: server closed' }, undefined],
  ['setting up serving from embedded etcd failed.', { error: 'no port' }, { kind: 'other', tookMs: undefined }],
])('%s %o', (msg, fields, trouble) => {
  const line = parseLogLine(JSON.stringify({ level: 'error', ts: '2026-11-21T23:08:05Z', msg, ...fields }));
  expect(classifyLine(line!)).toEqual(trouble);
});

function countsOf({ members }: TestCluster): TroubleCounts {
  const counts = new TroubleCounts();
  for (const member of members)
    for (const line of new LineFilter({}).choose(member.log().split('\n').slice(0, -1))) counts.add(line);
  return counts;
}

async function shakeHandsWithoutCertificate(port: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}

/** Stops the leader again and again until it stood still within an fsync, while others put. */
async function pauseWithinFsync(cluster: TestCluster): Promise<void> {
  const client = clientOf(cluster);
  const done = new AbortController();
  const put = async () => {
    while (!done.signal.aborted) await client.put('k', 'v').catch(() => undefined);
  };
  const load = Promise.all([put(), put(), put()]);
  try {
    await vi.waitFor(async () => {
      const leader = await cluster.leader();
      leader.pause();
      // No condition to wait for: etcd complains of fsyncs that take longer than a second.
      await delay(1200);
      leader.resume();
      const kinds = countsOf(cluster).kinds;
      expect(kinds.has('slow-fsync') && kinds.has('late-heartbeat')).toBe(true);
    }, SLOW);
  } finally {
    done.abort();
    await load;
    client.close();
  }
}

async function putSome(cluster: TestCluster, count: number, bytes: number): Promise<void> {
  const client = clientOf(cluster);
  for (let n = 0; n < count; n += 1) await client.put(`k${n % 40}`, 'x'.repeat(bytes)).catch(() => undefined);
  client.close();
}

function clientOf({ endpoints, certificates }: TestCluster) {
  return openCluster({ endpoints, tls: { ca: certificates!.ca, ...certificates!.client } });
}

const putWithLeaseOfNobody = (cluster: TestCluster) =>
  post(cluster, cluster.endpoints[0]!, '/v3/kv/put', { key: 'Zm9v', value: 'YmFy', lease: '4711' });

const defragment = (cluster: TestCluster, { endpoint }: TestMember) =>
  post(cluster, endpoint, '/v3/maintenance/defragment', {});

/** Through etcd's JSON gateway. */
async function post({ certificates }: TestCluster, endpoint: string, path: string, body: object): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const sent = request(`${endpoint}${path}`, {
      ...{ method: 'POST', agent: false, ca: certificates!.ca, servername: 'localhost' },
      ...certificates!.client,
    });
    sent.on('response', (response) => response.resume().on('close', resolve));
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}
