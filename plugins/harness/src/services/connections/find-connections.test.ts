import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrPlanCluster } from '@etcdperf/core/etcd';
import { startEtcd } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { renderConnections } from '../../render/connections-report.ts';
import { deleteFound } from '../delete.ts';
import { deploy } from '../deploy.ts';
import { openSubject } from '../open-subject.ts';
import { findConnections } from './find-connections.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-connections-'));
  vi.stubEnv('ETCDPERF_STATE_DIR', join(folder, 'state'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('clients are counted by member, streams and requests told; the command’s own connections are not among them', async () => {
  const found = await findOrPlanCluster({ inventory: undefined, backend: 'local', members: 3 });
  const { endpoints } = await deploy(found, {});
  const connect = (endpoint: string) => WireClient.connect({ endpoints: [endpoint] });
  try {
    await using subject = await openSubject({ kind: 'found', found });
    await using first = await connect(endpoints[0]!);
    await using second = await connect(endpoints[0]!);
    await using third = await connect(endpoints[2]!);
    const watcher = Promise.withResolvers<void>();
    first.watch({ key: 'key' }, { onEvents: () => watcher.resolve() });
    const lease = await second.leaseGrant(60);
    await second.leaseKeepAlive(lease.id);
    await vi.waitFor(
      async () => {
        await third.put('key', 'value');
        await Promise.race([watcher.promise, Promise.reject(new Error('no event yet'))]);
      },
      { timeout: 30_000, interval: 50 },
    );
    const report = await findConnections(subject, { timeoutMs: 10_000 });
    expect(report.members.map(({ connections }) => connections)).toEqual(
      [2, 0, 1].map((count) => ({ kind: 'seen', count })),
    );
    expect(report.clients).toEqual([
      { address: '127.0.0.1', name: 'this machine', connections: { member1: 2, member3: 1 }, total: 3 },
    ]);
    const [one, two, three] = report.members.map(({ usage }) => usage!);
    expect(one).toMatchObject({ watchStreams: 1, leaseStreams: 1, watchers: 1 });
    expect(two).toMatchObject({ watchStreams: 0, leaseStreams: 0, watchers: 0 });
    expect(three?.requests.find(({ method }) => method === 'Put')?.count).toBeGreaterThanOrEqual(1);
    expect(three?.apiVersions.map(({ version }) => version)).toContain('unknown');
    expect(renderConnections(report)).toMatch(/^cluster local: 3 connections of 1 clients\n/);
  } finally {
    await deleteFound(found, { yes: true });
  }
});

test('of any cluster the metrics tell what they can; a member that hangs has a reason', async () => {
  await using cluster = await startEtcd({ members: 3 });
  await using subject = await openSubject({ kind: 'at', access: cluster });
  cluster.members[1]!.pause();
  const report = await findConnections(subject, { timeoutMs: 1500 });
  cluster.members[1]!.resume();
  expect(report.clients).toEqual([]);
  expect(report.members.map(({ usage, problem }) => [usage?.watchStreams, problem])).toEqual([
    [0, undefined],
    [undefined, 'no metrics: no answer in time'],
    [0, undefined],
  ]);
  expect(renderConnections(report)).toContain("connections can't be seen: what it runs on is not known");
});
