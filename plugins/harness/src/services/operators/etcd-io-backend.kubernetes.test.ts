import { findCluster, type KubernetesCluster, openCluster } from '@etcdperf/core/etcd';
import { type Kube, type KubeObject, openKube, type Pod } from '@etcdperf/core/kube';
import { type TestKube, testKube } from '@etcdperf/core/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ETCD_IO_CRD, installCrd } from '../../../../../test/operators/etcd-cluster-crd.ts';
import { startEtcdIoStandIn } from '../../../../../test/operators/etcd-io-stand-in.ts';
import { operatorInventory } from '../../../../../test/operators/operator-cluster.ts';
import { careForCerts } from '../certs/care-for-certs.ts';
import { deleteOnKubernetes } from '../kubernetes/delete-on-kubernetes.ts';
import { deployOnKubernetes } from '../kubernetes/deploy-on-kubernetes.ts';
import { openMembers } from '../members/cluster-members.ts';
import { etcdIoBackend } from './etcd-io-backend.ts';
import { ETCD_IO_API } from './etcd-io-cluster.ts';
import { operatorSilence } from './operator-silence.ts';
import { requireOperator } from './require-operator.ts';

const TIMEOUT = 300_000;
const patient = { timeoutMs: 120_000, patienceMs: 60_000 };

let kube: Kube;
let space: TestKube;
let isReal: boolean;
beforeAll(async () => {
  space = await testKube();
  kube = await openKube({ kubeconfigFile: space.kubeconfigFile, namespace: space.namespace });
  isReal = (await installCrd(kube, ETCD_IO_CRD)) === 'theirs';
});
let standIn: AsyncDisposable | undefined;
afterEach(async () => {
  const ended = standIn;
  standIn = undefined;
  await ended?.[Symbol.asyncDispose]();
});
afterAll(async () => {
  await kube?.close();
  await space?.close();
});

async function operate(options: Parameters<typeof startEtcdIoStandIn>[1] = {}): Promise<void> {
  if (!isReal) standIn = await startEtcdIoStandIn(space, options);
}
async function cluster({ kubernetes = {}, ...rest }: { readonly name: string; readonly [key: string]: unknown }) {
  const described = { ...rest, kubernetes: { ...(kubernetes as object), operator: 'etcd-io' } };
  const { inventory, ...resource } = await operatorInventory(space, described);
  const found = (await findCluster({ inventory, name: rest.name })) as KubernetesCluster;
  return { inventory, found, ...resource };
}
const clusterOf = (name: string) => kube.get({ apiVersion: ETCD_IO_API, kind: 'EtcdCluster', name });
const planOf = ({ config }: KubernetesCluster) => ({ config, namespace: space.namespace, tls: undefined });

test(
  'three members with claims: deployed, reached, ended; what is left of the data is in the way until it is removed',
  async () => {
    await operate();
    const storage = { claim: { size: '64Mi' } };
    await using own = await cluster({ name: 'main', flags: { 'snapshot-count': 5000 }, kubernetes: { storage } });
    const { found } = own;
    const deployed = await deployOnKubernetes(found, patient);
    expect(deployed.outcome).toEqual({ kind: 'deployed' });
    expect(deployed.members.map(({ name, ready }) => [name, ready])).toEqual([
      ['main-0', true],
      ['main-1', true],
      ['main-2', true],
    ]);
    const [pod] = await kube.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labels: { controller: 'main' } });
    expect(pod?.metadata?.labels).toMatchObject({ 'etcdperf.io/cluster': 'main' });
    expect(pod?.spec?.containers[0]?.args).toContain('--snapshot-count=5000');
    {
      await using members = await openMembers(found);
      using client = openCluster({ ...members.access, timeoutMs: 20_000 });
      await expect.poll(() => client.health(), { timeout: 90_000 }).toMatchObject({ problems: [], healthy: true });
    }
    expect((await deployOnKubernetes(found, patient)).outcome).toEqual({ kind: 'unchanged' });
    const faster = { ...found, config: { ...found.config, flags: { 'snapshot-count': 6000 } } };
    expect((await deployOnKubernetes(faster, patient)).outcome).toMatchObject({
      kind: 'refused',
      reason: 'the operator does not change members that run (etcdOptions)',
    });

    const ended = await deleteOnKubernetes(found, { data: false });
    const claims = ended.objects.filter(({ kind }) => kind === 'PersistentVolumeClaim');
    expect(claims.map(({ result }) => result)).toEqual(['kept', 'kept', 'kept']);
    expect(await clusterOf('main')).toBeUndefined();
    expect((await deployOnKubernetes(found, patient)).outcome).toMatchObject({
      kind: 'refused',
      hint: 'etcdperf harness:delete main --data removes them',
    });
    await deleteOnKubernetes(found, { data: true, yes: true });
    expect(await kube.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' })).toEqual([]);
  },
  TIMEOUT,
);

test(
  'with TLS, the cluster’s own certificates are served; an operator that leaves them unused is told',
  async () => {
    await using own = await cluster({ name: 'sec', members: 1, tls: { dir: 'certs' } });
    const { found, inventory } = own;
    await careForCerts(found, { task: { kind: 'make' }, inventory, install: false, days: 1, withinMs: 0 });
    await operate();
    const refused = await deployOnKubernetes(found, patient);
    expect(refused.outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('in plain text') });
    // What stands is not reached as if it had TLS, and not without.
    await using plain = await openMembers({ ...found, config: withoutTls(found.config) });
    expect(plain.access).toMatchObject({ endpoints: [expect.stringMatching(/^http:/)] });
    expect(plain.access.tls).toBeUndefined();
    await deleteOnKubernetes(found, { yes: true });
    await standIn?.[Symbol.asyncDispose]();
    if (isReal) return;

    await operate({ servesTls: true });
    expect((await deployOnKubernetes(found, patient)).outcome).toEqual({ kind: 'deployed' });
    await using members = await openMembers(found);
    using client = openCluster({ ...members.access, timeoutMs: 20_000 });
    await expect.poll(() => client.health(), { timeout: 90_000 }).toMatchObject({ problems: [], healthy: true });
    await deleteOnKubernetes(found, { yes: true });
  },
  TIMEOUT,
);

test(
  'a cluster with certificates of its operator’s making is reached with what its secrets say',
  async () => {
    if (isReal) return;
    await operate({ servesTls: true });
    const spec = { size: 1, version: 'v3.6.16', imageRegistry: 'docker.io/lab/etcd', tls: { provider: 'auto' } };
    await kube.create({ apiVersion: ETCD_IO_API, kind: 'EtcdCluster', metadata: { name: 'auto' }, spec } as object);
    await kube.waitUntil<Pod, true>(
      { apiVersion: 'v1', kind: 'Pod', labels: { app: 'auto' } },
      (pods) => (pods.get('auto-0')?.status?.phase === 'Running' ? { done: true } : 'auto-0 to run'),
      { timeoutMs: 60_000 },
    );
    await using own = await cluster({ name: 'auto', members: 1 });
    await using members = await openMembers(own.found);
    expect(members.access.endpoints).toEqual([expect.stringMatching(/^https:/)]);
    await expect
      .poll(
        async () => {
          using client = openCluster({ ...members.access, timeoutMs: 20_000 });
          return (await client.health()).problems;
        },
        { timeout: 60_000 },
      )
      .toEqual([]);
  },
  TIMEOUT,
);

test('without its CRD, or with nobody who looks at it, a cluster is refused with a clear word', async () => {
  await using own = await cluster({ name: 'alone', members: 1 });
  const plan = planOf(own.found);
  const api = {
    apiVersion: 'nobody.etcdperf.io/v1',
    crd: 'etcdclusters.nobody.etcdperf.io',
    installing: 'ask somebody',
  };
  expect(await requireOperator(kube, plan, api, [])).toEqual([
    {
      reason: 'the custom resource definition etcdclusters.nobody.etcdperf.io is not installed',
      hint: 'ask somebody',
    },
  ]);
  if (isReal) return;
  const metadata = { name: 'alone' };
  const spec = { size: 1, version: 'v3.6.16' };
  const made = await kube.create({ apiVersion: ETCD_IO_API, kind: 'EtcdCluster', metadata, spec });
  expect(await operatorSilence(kube, plan, made, { hint: 'look' })).toBeUndefined();
  expect(await operatorSilence(kube, plan, made, { hint: 'look', afterMs: 0 })).toEqual({
    reason: 'no operator has taken up EtcdCluster alone: it has no status',
    hint: 'look',
  });
  // What was asked for the API server's time was not stored.
  expect(await kube.get({ apiVersion: 'v1', kind: 'Secret', name: 'alone-clock' })).toBeUndefined();
});

test('claims of members that left are in the way of new ones', async () => {
  if (isReal) return;
  await using own = await cluster({ name: 'less', members: 2, kubernetes: { storage: { claim: { size: '64Mi' } } } });
  // As it stands when a member was taken away.
  for (const object of etcdIoBackend.clusterObjects(planOf(own.found))) {
    const { spec } = object as { spec?: object };
    await kube.apply(
      (object.kind === 'EtcdCluster' ? { ...object, spec: { ...spec, size: 1 } } : object) as KubeObject,
    );
  }
  expect((await deployOnKubernetes(own.found, patient)).outcome).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('(etcd-data-less-1)'),
    hint: `kubectl -n ${space.namespace} delete pvc etcd-data-less-1`,
  });
});

test('settings that the operator has no field for are refused, with nothing touched', async () => {
  const kubernetes = { resources: { requests: { cpu: '1m' } }, runAsUser: 65532 };
  await using own = await cluster({ name: 'other', kubernetes });
  await expect(deployOnKubernetes(own.found, patient)).rejects.toMatchObject({
    exitCode: 2,
    problems: [
      { message: 'the etcd operator has no setting for resources' },
      { message: 'the etcd operator has no setting for runAsUser' },
    ],
  });
  expect(await clusterOf('other')).toBeUndefined();
});

function withoutTls({ tls: _tls, ...config }: KubernetesCluster['config']): KubernetesCluster['config'] {
  return config;
}
