import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadInventory, yamlText } from '@etcdperf/core/config';
import { findCluster, type KubernetesCluster } from '@etcdperf/core/etcd';
import { type Kube, type KubeNode, openKube, type Pod } from '@etcdperf/core/kube';
import { type TestKube, testKube } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderHostsReport } from '../../render/hosts-report.ts';
import { runFault } from '../fault/run-fault.ts';
import { DEDICATED, lookAtNodes } from '../hosts/look-at-nodes.ts';
import { deleteOnKubernetes } from '../kubernetes/delete-on-kubernetes.ts';
import { deployOnKubernetes } from '../kubernetes/deploy-on-kubernetes.ts';
import { openMembers } from '../members/cluster-members.ts';
import { restartMembers } from './restart-members.ts';

let space: TestKube;
let kube: Kube;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-pods-'));
  space = await testKube();
  kube = await openKube(space);
});
afterAll(async () => {
  await kube?.close();
  await space?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A cluster of three, deployed. */
async function deployed(name: string, storage: object): Promise<KubernetesCluster> {
  const { kubeconfigFile: kubeconfig, namespace } = space;
  const own = { image: 'docker.io/lab/etcd', imagePullPolicy: 'IfNotPresent', runAsUser: 0, kubeconfig, namespace };
  const file = join(folder, `${name}.yaml`);
  const cluster = { backend: 'statefulset', version: '3.6.16', kubernetes: { ...own, storage } };
  writeFileSync(file, yamlText({ clusters: { [name]: cluster } }));
  const found = (await findCluster({ inventory: await loadInventory(file), name })) as KubernetesCluster;
  expect((await deployOnKubernetes(found, {})).outcome.kind).toBe('deployed');
  return found;
}

/** Uid and restarts of each pod. */
async function pods(cluster: string): Promise<{ uid: string; restarts: number }[]> {
  const found = await kube.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labels: { 'etcdperf.io/cluster': cluster } });
  return found
    .toSorted((a, b) => (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? ''))
    .map(({ metadata, status }) => ({
      uid: metadata?.uid ?? '',
      restarts: status?.containerStatuses?.[0]?.restartCount ?? -1,
    }));
}

const gently = { names: undefined, leaderLast: true, pauseMs: 0, timeoutMs: 180_000, maxLag: 100 };

test('pods whose data is outside are made anew, one by one; the data stays', { timeout: 300_000 }, async () => {
  const found = await deployed('outside', { claim: { size: '64Mi' } });
  const before = await pods('outside');
  await using cluster = await openMembers(found);
  await using client = await WireClient.connect(cluster.access);
  await client.put('kept', 'yes');
  const report = await restartMembers(cluster, gently);
  expect(report).toMatchObject({ outcome: { kind: 'restarted' } });
  expect(report.members.map(({ result }) => result.kind)).toEqual(['restarted', 'restarted', 'restarted']);
  const after = await pods('outside');
  for (const [index, { uid }] of after.entries()) expect(uid).not.toBe(before[index]?.uid);
  expect(String((await client.range('kept')).kvs[0]?.value)).toBe('yes');
  await deleteOnKubernetes(found, { data: true, yes: true });
});

test('members whose data is in the pod are restarted and killed inside it', { timeout: 300_000 }, async () => {
  const found = await deployed('inside', { emptyDir: {} });
  const before = await pods('inside');
  await using cluster = await openMembers(found);
  const restarted = await restartMembers(cluster, { ...gently, names: ['inside-1'] });
  expect(restarted.members).toMatchObject([{ name: 'inside-1', result: { kind: 'restarted' } }]);
  const between = await pods('inside');
  expect(between.map(({ uid }) => uid)).toEqual(before.map(({ uid }) => uid));
  expect(between[1]!.restarts).toBe(before[1]!.restarts + 1);

  const fault = { forMs: 1000, recoverMs: 180_000 };
  const killed = await runFault(cluster, { ...fault, spec: { kind: 'kill' }, member: 'leader' });
  expect(killed).toMatchObject({ outcome: { kind: 'ended' }, effect: { recoveredMs: expect.any(Number) } });
  // The kubelet may be faster than the election: then the same member leads on.
  expect(['inside-0', 'inside-1', 'inside-2']).toContain(killed.effect.leaderAfter);
  const after = await pods('inside');
  expect(after.map(({ uid }) => uid)).toEqual(before.map(({ uid }) => uid));
  const restarts = (all: { restarts: number }[]) => all.reduce((sum, one) => sum + one.restarts, 0);
  expect(restarts(after)).toBe(restarts(between) + 1);

  await expect(runFault(cluster, { ...fault, spec: { kind: 'pause' }, member: 'inside-0' })).rejects.toMatchObject({
    exitCode: 2,
    hint: expect.stringContaining('on its node'),
  });

  // Which pods run beside them is told; nothing is changed by a look.
  const look = { label: false, taint: false, remove: false, dryRun: false };
  const hosts = await lookAtNodes(found, look);
  expect(hosts.hosts.flatMap(({ members }) => members).toSorted()).toEqual(['inside-0', 'inside-1', 'inside-2']);
  expect(hosts.changes).toEqual([]);
  await deleteOnKubernetes(found, { data: true, yes: true });
});

test('nodes are dedicated to a cluster and given back, and nothing else of theirs is touched', async () => {
  const { kubeconfigFile: kubeconfig, namespace } = space;
  const file = join(folder, 'none.yaml');
  const cluster = (name: string) => ({ [name]: { backend: 'statefulset', kubernetes: { kubeconfig, namespace } } });
  writeFileSync(file, yamlText({ clusters: { ...cluster('mine'), ...cluster('other') } }));
  const inventory = await loadInventory(file);
  const mine = (await findCluster({ inventory, name: 'mine' })) as KubernetesCluster;
  const other = (await findCluster({ inventory, name: 'other' })) as KubernetesCluster;
  // A node without a kubelet: no pod of other tests can want it.
  const node = `node-${namespace}`;
  const ref = { apiVersion: 'v1', kind: 'Node', name: node };
  const theirs = { key: 'example.com/theirs', value: 'x', effect: 'NoSchedule' };
  await kube.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node, labels: { theirs: 'x' } },
    spec: { taints: [theirs] },
  } as KubeNode);
  try {
    const set = { nodes: [node], label: true, taint: true, remove: false, dryRun: false };
    const dry = await lookAtNodes(mine, { ...set, dryRun: true });
    expect(renderHostsReport(dry)).toMatch(/label +would be set/);
    const now = () => kube.get<KubeNode>(ref);
    expect((await now())?.metadata?.labels).not.toHaveProperty([DEDICATED]);

    const done = await lookAtNodes(mine, set);
    expect(done.changes.map(({ what, action }) => `${what} ${action}`)).toEqual(['label set', 'taint set']);
    expect(done.inventory).toContain(`nodeSelector: { ${DEDICATED}: mine }`);
    expect(done.hosts.find(({ name }) => name === node)).toMatchObject({ label: 'mine', taint: 'mine' });
    expect((await now())?.spec?.taints).toEqual(expect.arrayContaining([expect.objectContaining(theirs)]));
    const again = await lookAtNodes(mine, set);
    expect(again.changes.map(({ action }) => action)).toEqual(['unchanged', 'unchanged']);
    await expect(lookAtNodes(other, set)).rejects.toThrow(`node ${node} is dedicated to cluster mine`);

    // Of another cluster it is nothing that could be taken away.
    const removeOther = await lookAtNodes(other, { ...set, label: false, taint: false, remove: true });
    expect(removeOther.changes.map(({ action }) => action)).toEqual(['unchanged', 'unchanged']);
    await lookAtNodes(mine, { ...set, nodes: undefined, label: false, taint: false, remove: true });
    const after = await now();
    expect(after?.metadata?.labels).toMatchObject({ theirs: 'x' });
    expect(after?.metadata?.labels).not.toHaveProperty([DEDICATED]);
    expect(after?.spec?.taints?.map(({ key }) => key)).toContain(theirs.key);
    expect(after?.spec?.taints?.map(({ key }) => key)).not.toContain(DEDICATED);
    await expect(lookAtNodes(mine, { ...set, nodes: ['nowhere'] })).rejects.toMatchObject({ exitCode: 2 });
    await expect(lookAtNodes(mine, { ...set, nodes: undefined })).rejects.toThrow('which nodes?');
  } finally {
    await kube.remove(ref);
  }
});
