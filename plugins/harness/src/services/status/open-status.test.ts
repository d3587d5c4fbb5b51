import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterAccess, findOrPlanCluster } from '@etcdperf/core/etcd';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { renderClusterStatus } from '../../render/cluster-status.ts';
import { deleteFound } from '../delete.ts';
import { deploy } from '../deploy.ts';
import { openStatus } from './open-status.ts';
import { watchStatus } from './watch-status.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-status-'));
  vi.stubEnv('ETCDPERF_STATE_DIR', join(folder, 'state'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const statusAt = (access: ClusterAccess, timeoutMs?: number) => openStatus({ kind: 'at', access }, { timeoutMs });

test('each member tells its figures, and whose connections it has: neither ours nor its own', async () => {
  const found = await findOrPlanCluster({ inventory: undefined, backend: 'local', members: 3 });
  const { endpoints } = await deploy(found, {});
  try {
    await using source = await openStatus({ kind: 'found', found });
    await using client = await WireClient.connect({ endpoints: [endpoints[1]!] });
    await client.put('key', 'value');
    const first = await source.look();
    expect(first).toMatchObject({ cluster: 'local', healthy: true, problems: [] });
    expect(first.members.map(({ connections }) => connections)).toEqual([0, 1, 0]);
    for (const { figures, process, appliedLag } of first.members) {
      expect(process?.kind).toBe('running');
      expect(appliedLag).toBeGreaterThanOrEqual(0);
      expect(figures).toMatchObject({ since: 'start', requestsPerSec: undefined });
      expect(figures?.memoryMb).toBeGreaterThan(1);
      expect(figures?.fsyncP99Ms).toBeGreaterThan(0);
      expect(figures?.openFiles).toBeGreaterThan(3);
    }
    const text = renderClusterStatus(first);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    await throughGateway(endpoints[0]!);
    expect((await source.look()).members[0]?.connections).toBe(0);
  } finally {
    await deleteFound(found, { yes: true });
  }
});

test('looking again and again: figures are those of the time between, and it ends with the signal', async () => {
  await using cluster = await startEtcd();
  await using source = await statusAt(cluster);
  await using client = await WireClient.connect(cluster);
  const end = new AbortController();
  const looks = [];
  for await (const look of watchStatus(source, 50, end.signal)) {
    looks.push(look);
    await client.put('key', String(looks.length));
    if (looks.length === 3) end.abort();
  }
  expect(looks.map(({ members }) => members[0]?.figures?.since)).toEqual(['start', 'last look', 'last look']);
  expect(looks[2]?.members[0]?.figures?.requestsPerSec).toBeGreaterThan(0);
  expect(renderClusterStatus(looks[2]!)).toContain('REQ/S');
});

test('members that hang or are down are told, and hold nothing up; without quorum nobody is well', async () => {
  await using cluster = await startEtcd({ members: 3 });
  await using source = await statusAt(cluster, 1500);
  const other = await aFollower(cluster);
  other.pause();
  const begun = performance.now();
  const hanging = await source.look();
  expect(performance.now() - begun).toBeLessThan(15_000);
  expect(hanging.healthy).toBe(false);
  const at = cluster.members.indexOf(other);
  expect(hanging.members.map(({ healthy }) => healthy)).toEqual([0, 1, 2].map((index) => index !== at));
  expect(hanging.members[at]).toMatchObject({
    reason: 'no answer in time',
    figures: undefined,
    figuresProblem: 'no metrics: no answer in time',
  });
  expect(renderClusterStatus(hanging)).toContain(`${other.endpoint}: no answer in time`);
  await (await cluster.leader()).kill();
  await vi.waitFor(
    async () => {
      const lost = await source.look();
      expect(lost.members.map(({ healthy }) => healthy)).toEqual([false, false, false]);
      expect(renderClusterStatus(lost)).toContain('NOT healthy');
    },
    { timeout: 30_000, interval: 100 },
  );
});

test('a certificate that is not accepted is the reason, for etcd and its metrics alike', async () => {
  await using cluster = await startEtcd({ tls: 'mutual' });
  const { ca, client } = cluster.certificates!;
  await using right = await statusAt({ endpoints: cluster.endpoints, tls: { ca, ...client } });
  expect((await right.look()).members[0]).toMatchObject({ healthy: true, figures: { since: 'start' } });
  await using wrong = await statusAt({ endpoints: cluster.endpoints, tls: client });
  expect((await wrong.look()).members[0]).toMatchObject({
    healthy: false,
    reason: 'its certificate is not signed by the CA that was given',
    figuresProblem: 'no metrics: its certificate is not signed by the CA that was given',
  });
});

/** etcd's HTTP gateway is a client of its own member, and stays connected to it. */
async function throughGateway(endpoint: string): Promise<void> {
  const asking = request(`${endpoint}/v3/maintenance/status`, { method: 'POST', agent: false });
  asking.end('{}');
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  answer.resume();
  await once(answer, 'close');
}

async function aFollower(cluster: TestCluster) {
  const leader = await cluster.leader();
  return cluster.members.find((member) => member !== leader)!;
}
