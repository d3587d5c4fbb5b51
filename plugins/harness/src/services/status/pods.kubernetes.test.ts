import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadInventory } from '@etcdperf/core/config';
import { clusterAccess, findCluster, type KubernetesCluster } from '@etcdperf/core/etcd';
import { openKube } from '@etcdperf/core/kube';
import { type TestKube, testKube } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { renderClusterStatus } from '../../render/cluster-status.ts';
import { renderConnections } from '../../render/connections-report.ts';
import { careForCerts } from '../certs/care-for-certs.ts';
import { findConnections } from '../connections/find-connections.ts';
import { defragCluster } from '../defrag/defrag-cluster.ts';
import { findEndpoints } from '../endpoints/find-endpoints.ts';
import { deployOnKubernetes } from '../kubernetes/deploy-on-kubernetes.ts';
import { openSubject } from '../open-subject.ts';
import { openStatus } from './open-status.ts';

const NAME = 'looked-at';
let space: TestKube;
let folder: string;
let file: string;

beforeAll(async () => {
  space = await testKube();
  const { kubeconfigFile, namespace } = space;
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-pods-'));
  file = join(folder, 'lab.yaml');
  writeFileSync(
    file,
    `clusters:
  ${NAME}: # ours
    backend: statefulset
    members: 3
    tls: { dir: tls }
    kubernetes:
      kubeconfig: ${kubeconfigFile}
      namespace: ${namespace}
      image: docker.io/lab/etcd
      imagePullPolicy: IfNotPresent
      services: { nodePort: true, vip: nobody.invalid }
`,
  );
  const { inventory, found } = await subject();
  const task = { kind: 'make' } as const;
  await careForCerts(found, { task, inventory, install: false, days: 365, withinMs: 86_400_000 });
  const report = await deployOnKubernetes(found, { timeoutMs: 110_000 });
  expect(report.outcome).toMatchObject({ kind: 'deployed' });
});
afterAll(async () => {
  await space?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function subject() {
  const inventory = await loadInventory(file);
  const found = (await findCluster({ inventory, name: NAME })) as KubernetesCluster;
  return { kind: 'found', found, inventory } as const;
}

test('members in pods are looked at, defragmented and reached from here', async () => {
  await using opened = await openSubject(await subject());
  const report = await findEndpoints(opened, { timeoutMs: 20_000, save: true });
  const working = (kind: string) => report.ways.filter((way) => way.kind === kind && way.result.kind === 'works');
  expect(working('forward')).toHaveLength(3);
  expect(working('node-port')).toHaveLength(3);
  expect(report.chosen).toEqual(working('node-port').map(({ url }) => url));
  expect(report.ways.find(({ kind }) => kind === 'vip')?.result).toEqual({
    kind: 'fails',
    reason: 'its name is not known',
  });
  expect(report.ways.find(({ kind }) => kind === 'pod')?.result).toEqual({
    kind: 'fails',
    reason: 'its certificate is for another name or address',
  });
  expect(report.saved).toMatchObject({ kind: 'saved', changed: true });
  expect(readFileSync(file, 'utf8')).toContain(`${NAME}: # ours`);

  // What was saved is what any client needs.
  const access = await clusterAccess(await loadInventory(file), NAME);
  await using client = await WireClient.connect(access);
  await client.put('key', 'value');
  const seen = await findConnections(opened, { timeoutMs: 20_000 });
  expect(seen.members.map(({ connections }) => connections.kind)).toEqual(['seen', 'seen', 'seen']);
  expect(seen.clients.reduce((sum, { total }) => sum + total, 0)).toBe(1);
  expect(renderConnections(seen)).toContain(`cluster ${NAME}: 1 connections of 1 clients`);

  const defrag = await defragCluster(opened.access, {
    cluster: NAME,
    compact: { keepRevisions: 0 },
    memberTimeoutMs: 60_000,
    settleTimeoutMs: 60_000,
  });
  expect(defrag.outcome).toEqual({ kind: 'done' });
  expect(defrag.members.map(({ name }) => name).sort()).toEqual([0, 1, 2].map((index) => `${NAME}-${index}`));
});

test('restarts of a pod are counted, one that is made anew is followed, a missing one is told', async () => {
  const { kubeconfigFile, namespace } = space;
  await using kube = await openKube({ kubeconfigFile, namespace });
  await using source = await openStatus(await subject());
  const first = await source.look();
  expect(first).toMatchObject({ cluster: NAME, healthy: true, problems: [] });
  expect(new Set(first.members.map(({ pod }) => pod?.node)).size).toBeGreaterThan(0);
  for (const { pod, figures } of first.members) {
    expect(pod).toMatchObject({ ready: true, restarts: 0, phase: 'Running', lastEnd: undefined });
    expect(figures?.memoryMb).toBeGreaterThan(1);
  }
  for (const line of renderClusterStatus(first).split('\n')) expect(line.length).toBeLessThanOrEqual(100);

  // PID 1 takes no signal that it does not handle: etcd handles this one, and ends.
  await kube.exec(`${NAME}-1`, ['kill', '-TERM', '1']);
  await vi.waitFor(
    async () => {
      const { healthy, members } = await source.look();
      expect(members[1]?.pod).toMatchObject({ restarts: 1, ready: true, lastEnd: { reason: expect.any(String) } });
      expect(healthy).toBe(true);
    },
    { timeout: 90_000, interval: 500 },
  );

  await kube.remove({ apiVersion: 'v1', kind: 'Pod', name: `${NAME}-2` }, { graceSeconds: 0 });
  await kube.merge({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: NAME }, { spec: { replicas: 2 } });
  await vi.waitFor(
    async () => {
      const { healthy, members, problems } = await source.look();
      expect(healthy).toBe(false);
      expect(members.map(({ name }) => name)).toEqual([`${NAME}-0`, `${NAME}-1`]);
      expect(problems).toContain('2 of 3 members have a pod');
    },
    { timeout: 60_000, interval: 500 },
  );
  await using opened = await openSubject(await subject());
  const limits = { memberTimeoutMs: 60_000, settleTimeoutMs: 60_000 };
  const refused = await defragCluster(opened.access, limits);
  expect(refused.outcome).toMatchObject({ kind: 'refused', reason: `${NAME}-2: can't be reached from here` });
});

test('a cluster without pods is told', async () => {
  const { found, inventory } = await subject();
  const other: KubernetesCluster = { ...found, config: { ...found.config, name: 'nobody' } };
  await expect(openSubject({ kind: 'found', found: other, inventory })).rejects.toMatchObject({
    message: 'cluster nobody has no pods',
    hint: 'etcdperf harness:deploy nobody makes it',
  });
});
