import { findCluster, type KubernetesCluster, openCluster } from '@etcdperf/core/etcd';
import { type Kube, openKube, type Pod } from '@etcdperf/core/kube';
import { type TestKube, testKube } from '@etcdperf/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCoreosStandIn } from '../../../../../test/operators/coreos-stand-in.ts';
import { COREOS_CRD, installCrd } from '../../../../../test/operators/etcd-cluster-crd.ts';
import { operatorInventory } from '../../../../../test/operators/operator-cluster.ts';
import { careForCerts } from '../certs/care-for-certs.ts';
import { deleteOnKubernetes } from '../kubernetes/delete-on-kubernetes.ts';
import { deployOnKubernetes } from '../kubernetes/deploy-on-kubernetes.ts';
import { openMembers } from '../members/cluster-members.ts';
import { coreosBackend } from './coreos-backend.ts';
import { COREOS_API } from './coreos-cluster.ts';

const TIMEOUT = 300_000;
const patient = { timeoutMs: 120_000, patienceMs: 60_000 };

let space: TestKube;
let kube: Kube;
let standIn: AsyncDisposable | undefined;
beforeAll(async () => {
  space = await testKube();
  kube = await openKube({ kubeconfigFile: space.kubeconfigFile, namespace: space.namespace });
  if ((await installCrd(kube, COREOS_CRD)) === 'ours') standIn = await startCoreosStandIn(space);
});
afterAll(async () => {
  await standIn?.[Symbol.asyncDispose]();
  await kube?.close();
  await space?.close();
});

async function cluster(description: Parameters<typeof operatorInventory>[1]) {
  const { inventory, ...rest } = await operatorInventory(space, description);
  const found = (await findCluster({ inventory, name: description.name })) as KubernetesCluster;
  return { inventory, found, ...rest };
}
const clusterOf = (name: string) => kube.get({ apiVersion: COREOS_API, kind: 'EtcdCluster', name });

test(
  'three members with TLS: deployed, reached, told that settings of running members stay, and ended',
  async () => {
    const described = { name: 'sec', tls: { dir: 'certs' }, flags: { 'snapshot-count': 5000 } };
    const kubernetes = { operator: 'coreos', services: { nodePort: true }, annotations: { team: 'lab' } };
    await using own = await cluster({ ...described, kubernetes });
    const { found, inventory } = own;
    const certs = { task: { kind: 'make' }, inventory, install: false, days: 1, withinMs: 0 } as const;
    expect((await careForCerts(found, certs)).problems).toEqual([]);

    const deployed = await deployOnKubernetes(found, patient);
    expect(deployed).toMatchObject({ outcome: { kind: 'deployed' }, backend: 'operator' });
    expect(deployed.members.map(({ ready }) => ready)).toEqual([true, true, true]);
    expect(deployed.objects.map(({ kind, name, action }) => `${kind} ${name} ${action}`)).toEqual([
      'Secret sec-peer-tls created',
      'Secret sec-server-tls created',
      'Secret sec-client-tls created',
      'Service sec-client-service-np created',
      'EtcdCluster sec created',
    ]);
    const [pod] = await kube.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labels: { etcd_cluster: 'sec' } });
    expect(pod?.metadata).toMatchObject({ labels: { 'etcdperf.io/cluster': 'sec' }, annotations: { team: 'lab' } });
    expect(pod?.spec?.containers[0]?.env).toContainEqual({ name: 'ETCD_SNAPSHOT_COUNT', value: '5000' });
    expect((await deployOnKubernetes(found, patient)).outcome).toEqual({ kind: 'unchanged' });

    {
      await using members = await openMembers(found);
      using client = openCluster({ ...members.access, timeoutMs: 20_000 });
      await expect.poll(() => client.health(), { timeout: 90_000 }).toMatchObject({ problems: [], healthy: true });
      await client.put('key', 'value');
      // The secrets say the same as the files.
      await using others = await openMembers({ ...found, config: withoutTls(found.config) });
      using other = openCluster({ ...others.access, timeoutMs: 20_000 });
      expect((await other.get('key'))?.toString()).toBe('value');
    }

    const faster = { ...found, config: { ...found.config, flags: { 'snapshot-count': 6000 } } };
    const changed = deployOnKubernetes(faster, patient);
    await expect(changed).rejects.toThrow('the operator does not change members that run (pod)');
    const { uid } = (await clusterOf('sec'))?.metadata ?? {};
    expect((await deployOnKubernetes(faster, { ...patient, yes: true })).outcome).toEqual({ kind: 'deployed' });
    expect((await clusterOf('sec'))?.metadata?.uid).not.toBe(uid);

    const gone = await deleteOnKubernetes(found, { yes: true });
    expect(gone).toMatchObject({ ok: true });
    expect(await clusterOf('sec')).toBeUndefined();
    expect(await kube.list({ apiVersion: 'v1', kind: 'Pod', labels: { etcd_cluster: 'sec' } })).toEqual([]);
  },
  TIMEOUT,
);

test(
  'claims of the operator end with its cluster: only who says so loses data',
  async () => {
    const storage = { claim: { size: '64Mi' } };
    await using own = await cluster({ name: 'kept', members: 1, kubernetes: { operator: 'coreos', storage } });
    const { found } = own;
    expect((await deployOnKubernetes(found, patient)).outcome).toEqual({ kind: 'deployed' });
    for (const choice of [{}, { data: false }, { yes: true }])
      await expect(deleteOnKubernetes(found, choice)).rejects.toMatchObject({
        message: 'the data of cluster kept, in 1 claims, goes with it: its operator removes them',
        exitCode: 2,
      });
    expect(await clusterOf('kept')).toBeDefined();
    const gone = await deleteOnKubernetes(found, { data: true, yes: true });
    expect(gone.objects.map(({ kind, result }) => `${kind} ${result}`)).toEqual([
      'EtcdCluster removed',
      'PersistentVolumeClaim removed',
    ]);
    await expect
      .poll(() => kube.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }), { timeout: 60_000 })
      .toEqual([]);
  },
  TIMEOUT,
);

test('what the operator can’t make, or would take from others, is told with nothing touched', async () => {
  const resources = { requests: { cpu: '1m' } };
  await using other = await cluster({
    name: 'other',
    kubernetes: { operator: 'coreos', storage: { hostPath: { path: '/data' } }, priorityClass: 'high', resources },
  });
  await expect(deployOnKubernetes(other.found, patient)).rejects.toMatchObject({
    exitCode: 2,
    problems: [
      { message: "coreos' operator has no setting for priorityClass" },
      { message: "coreos' operator has no setting for storage.hostPath" },
    ],
  });

  const ports = [{ port: 2379 }];
  await kube.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'taken-client' },
    spec: { ports },
  } as object);
  await using taken = await cluster({ name: 'taken', kubernetes: { operator: 'coreos' } });
  expect((await deployOnKubernetes(taken.found, patient)).outcome).toMatchObject({
    kind: 'refused',
    reason: 'the operator would use the Service taken-client, and somebody else made it',
  });

  // Size 0 is what no operator acts on.
  const foreign = {
    apiVersion: COREOS_API,
    kind: 'EtcdCluster',
    metadata: { name: 'foreign' },
    spec: { paused: true },
  };
  await kube.create(foreign);
  const labels = { app: 'etcd', etcd_cluster: 'foreign' };
  const containers = [{ name: 'etcd', image: 'docker.io/lab/etcd:v3.6.16', command: ['sleep', '1000'] }];
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foreign-member', labels }, spec: { containers } };
  await kube.create(pod);
  await using theirs = await cluster({ name: 'foreign', kubernetes: { operator: 'coreos' } });
  expect((await deployOnKubernetes(theirs.found, patient)).outcome).toMatchObject({
    kind: 'refused',
    reason: 'there is a EtcdCluster foreign already that etcdperf did not make for this cluster',
  });
  await deleteOnKubernetes(theirs.found, { data: true, yes: true });
  expect(await clusterOf('foreign')).toBeDefined();
  const stands = await kube.get<Pod>({ apiVersion: 'v1', kind: 'Pod', name: 'foreign-member' });
  expect(stands).toBeDefined();
  expect(stands?.metadata?.deletionTimestamp).toBeUndefined();
  for (const name of ['other', 'taken']) expect(await clusterOf(name)).toBeUndefined();
});

test('a cluster that its operator gives up is told with the operator’s reason', async () => {
  await using own = await cluster({ name: 'failed', members: 1, kubernetes: { operator: 'coreos' } });
  const plan = { config: own.found.config, namespace: space.namespace, tls: undefined };
  await kube.create(paused('failed'));
  const status = { phase: 'Failed', reason: 'lost quorum' };
  const ref = { apiVersion: COREOS_API, kind: 'EtcdCluster', name: 'failed' };
  await kube.merge(ref, { status }, { subresource: 'status' });
  expect(await coreosBackend.readiness(kube, plan)).toMatchObject({
    done: false,
    hopeless: { reason: "coreos' operator has given it up: lost quorum" },
  });
});

function paused(name: string) {
  return { apiVersion: COREOS_API, kind: 'EtcdCluster', metadata: { name }, spec: { size: 1, paused: true } };
}

function withoutTls({ tls: _tls, ...config }: KubernetesCluster['config']): KubernetesCluster['config'] {
  return config;
}
