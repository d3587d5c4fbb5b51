import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadInventory, yamlText } from '@etcdperf/core/config';
import { findCluster, type KubernetesCluster, openCluster } from '@etcdperf/core/etcd';
import { type Kube, type KubeObject, openKube, type Pod, type Secret } from '@etcdperf/core/kube';
import { API_SERVER_NAME, changedKubeconfig, startTcpProxy, type TestKube, testKube } from '@etcdperf/core/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { renderAnyDeploy } from '../../render/any-deploy-report.ts';
import { renderKubernetesDelete } from '../../render/kubernetes-delete-report.ts';
import { renderKubernetesDeploy } from '../../render/kubernetes-deploy-report.ts';
import { careForCerts } from '../certs/care-for-certs.ts';
import { openMembers } from '../members/cluster-members.ts';
import { checkClusterAccess } from './check-access.ts';
import { memberLabels } from './cluster-labels.ts';
import { deleteOnKubernetes } from './delete-on-kubernetes.ts';
import { deployOnKubernetes } from './deploy-on-kubernetes.ts';

/** What the tests' clusters have in common: the lab's image, and volumes that are root's. */
const BASE = { image: 'docker.io/lab/etcd', imagePullPolicy: 'IfNotPresent', runAsUser: 0 };
const CLAIM = { storage: { claim: { size: '64Mi' } } };
const SERVICE = { apiVersion: 'v1', kind: 'Service' };
const LONG = { timeout: 60_000, interval: 200 };
const NO_QUESTIONS = { data: true, yes: true };

let space: TestKube;
let kube: Kube;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-kubernetes-'));
  space = await testKube();
  kube = await openKube(space);
});
afterAll(async () => {
  await kube?.close();
  await space?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Described {
  readonly version?: string;
  readonly members?: number;
  readonly tls?: object;
  readonly flags?: object;
  readonly kubernetes?: object;
}

/** A cluster as an inventory describes it. */
async function described(
  name: string,
  { kubernetes = {}, ...rest }: Described = {},
  { kubeconfigFile, namespace } = space as { readonly kubeconfigFile: string; readonly namespace: string },
): Promise<KubernetesCluster> {
  const own = { ...BASE, kubeconfig: kubeconfigFile, namespace, ...kubernetes };
  const file = join(folder, `${name}.yaml`);
  const cluster = { backend: 'statefulset', version: '3.6.16', ...rest, kubernetes: own };
  writeFileSync(file, yamlText({ clusters: { [name]: cluster } }));
  return (await findCluster({ inventory: await loadInventory(file), name })) as KubernetesCluster;
}

/** Runs `work` and tells the fewest of a cluster's members that were ready at once. */
async function fewestReady<T>(cluster: string, work: () => Promise<T>): Promise<{ result: T; fewest: number }> {
  const end = new AbortController();
  let fewest = Number.POSITIVE_INFINITY;
  const isReady = ({ status }: Pod) => status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True');
  const following = kube.follow<Pod>(
    { apiVersion: 'v1', kind: 'Pod', labels: memberLabels(cluster) },
    (pods) => {
      fewest = Math.min(fewest, [...pods.values()].filter(isReady).length);
    },
    end.signal,
  );
  try {
    return { result: await work(), fewest };
  } finally {
    end.abort();
    await following;
  }
}

async function valueIn(found: KubernetesCluster, key: string): Promise<string | undefined> {
  await using cluster = await openMembers(found);
  using client = openCluster({ ...cluster.access, timeoutMs: 20_000 });
  return (await client.get(key))?.toString();
}

const names = async (kind: { apiVersion: string; kind: string }) =>
  (await kube.list(kind)).map(({ metadata }) => metadata?.name);
const actions = (objects: readonly { readonly action: string }[]) => [...new Set(objects.map(({ action }) => action))];

test('three members with TLS on claims: deployed, changed one by one, their data kept and taken up, and removed', async () => {
  const tls = { dir: join(folder, 'certs') };
  const found = await described('main', { tls, kubernetes: { ...CLAIM, services: { nodePort: true } } });
  await expect(deployOnKubernetes(found, {})).rejects.toMatchObject({
    exitCode: 2,
    hint: expect.stringContaining('harness:certs main'),
  });
  const making = { task: { kind: 'make' }, inventory: found.inventory, install: false, days: 1, withinMs: 0 } as const;
  await careForCerts(found, making);

  const dry = await deployOnKubernetes(found, { dryRun: true });
  expect(renderKubernetesDeploy(dry)).toMatch(/kind: Secret\n[\s\S]*server.key: \(hidden\)/);
  expect(await names({ apiVersion: 'apps/v1', kind: 'StatefulSet' })).toEqual([]);

  const steps: string[] = [];
  const first = await deployOnKubernetes(found, { onStep: (text) => steps.push(text) });
  expect(first).toMatchObject({
    outcome: { kind: 'deployed' },
    endpoints: [`https://main-client.${space.namespace}.svc:2379`],
  });
  expect(first.members.map(({ name, ready }) => [name, ready])).toEqual([0, 1, 2].map((i) => [`main-${i}`, true]));
  expect(first.leader).toMatch(/^main-[012]$/);
  expect(steps).toContainEqual(expect.stringMatching(/^waiting: \d of 3 members are ready/));
  expect(renderKubernetesDeploy(first)).toMatch(/deployed in [\d.]+ s, main-\d leads\n/);

  const again = await deployOnKubernetes(found, {});
  expect([again.outcome.kind, actions(again.objects)]).toEqual(['unchanged', ['unchanged']]);
  {
    await using cluster = await openMembers(found);
    using client = openCluster({ ...cluster.access, timeoutMs: 20_000 });
    await client.put('kept', 'yes');
  }

  const resources = { requests: { cpu: '10m', memory: '32Mi' } };
  const changed = await described('main', { tls, kubernetes: { ...CLAIM, resources } });
  const diff = await deployOnKubernetes(changed, { diff: true });
  expect(renderKubernetesDeploy(diff)).toMatch(/this would change\n[\s\S]*main-client-service-np +would be removed/);
  const set = diff.objects.find(({ kind }) => kind === 'StatefulSet');
  expect(set?.diff).toEqual(expect.arrayContaining([expect.stringMatching(/^\+ +cpu: 10m$/)]));
  expect(set?.diff?.join('\n')).not.toMatch(/^[+-].*image:/m);
  const { result: rolled, fewest } = await fewestReady('main', () => deployOnKubernetes(changed, {}));
  expect([rolled.outcome.kind, fewest]).toEqual(['deployed', 2]);
  expect(await names(SERVICE)).not.toContain('main-client-service-np');

  // What can't be done in place is said before anything is touched.
  const larger = await described('main', { tls, kubernetes: { resources, storage: { claim: { size: '128Mi' } } } });
  const refused = await deployOnKubernetes(larger, { yes: true });
  expect(refused.outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('its storage is another') });
  expect(refused.outcome).toHaveProperty('hint', expect.stringContaining('harness:delete main --data'));
  const older = await described('main', { tls, version: '3.5.35', kubernetes: { ...CLAIM, resources } });
  expect((await deployOnKubernetes(older, {})).outcome).toMatchObject({
    reason: "etcd 3.6.16 can't go back to 3.5.35",
  });

  await expect(deleteOnKubernetes(changed, { data: true })).rejects.toMatchObject({ exitCode: 2 });
  expect((await deployOnKubernetes(changed, {})).outcome.kind).toBe('unchanged');
  const kept = await deleteOnKubernetes(changed, {});
  expect(renderKubernetesDelete(kept)).toContain('3 claims with its data are kept');
  expect(await names(SERVICE)).toEqual([]);

  const back = await deployOnKubernetes(changed, {});
  expect(back.notes).toContain('3 claims of an earlier deployment were there: their data is taken up');
  expect(await valueIn(changed, 'kept')).toBe('yes');
  const gone = await deleteOnKubernetes(changed, NO_QUESTIONS);
  expect([...new Set(gone.objects.map(({ result }) => result))]).toEqual(['removed']);
  for (const kind of ['PersistentVolumeClaim', 'Secret', 'Service'])
    expect(await names({ apiVersion: 'v1', kind })).toEqual([]);
  expect(renderKubernetesDelete(await deleteOnKubernetes(changed, NO_QUESTIONS))).toContain('nothing there');
}, 240_000);

test('who may only what the Role says deploys; interrupted, it is told what stands, and the next deployment goes on', async () => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'deployer' } };
  await kube.apply(account);
  const annotations = { 'kubernetes.io/service-account.name': 'deployer' };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'deployer', annotations } };
  await kube.apply({ ...secret, type: 'kubernetes.io/service-account-token' } as KubeObject);
  const token = await vi.waitFor(async () => {
    const data = (await kube.get<Secret>({ apiVersion: 'v1', kind: 'Secret', name: 'deployer' }))?.data;
    return atob(data?.token ?? expect.fail('no token yet'));
  }, 60_000);
  await using own = await changedKubeconfig(space.kubeconfigFile, { user: { token } });
  const found = await described('plain', { kubernetes: {} }, { kubeconfigFile: own.path, namespace: space.namespace });

  const nothing = await checkClusterAccess(found);
  expect(nothing.denied).toHaveLength(nothing.checked);
  expect(renderAnyDeploy(nothing)).toMatch(/permissions are missing\n\nVERB [\s\S]*statefulsets[\s\S]*kind: Role\n/);
  await expect(deployOnKubernetes(found, {})).rejects.toThrow('may not');

  for (const role of nothing.roles) await kube.apply(role as KubeObject);
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'etcdperf' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'etcdperf' },
    subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: space.namespace }],
  };
  await kube.apply(binding as KubeObject);
  await vi.waitFor(async () => expect((await checkClusterAccess(found)).denied).toEqual([]), 60_000);

  const ctrlC = new AbortController();
  const cut = await deployOnKubernetes(found, {
    signal: ctrlC.signal,
    onStep: (text) => text.startsWith('waiting') && ctrlC.abort(),
  });
  expect(cut.outcome).toMatchObject({ kind: 'interrupted', reason: expect.stringContaining('StatefulSet plain') });
  expect(renderAnyDeploy(cut)).toContain(
    'try: go on: etcdperf harness:deploy plain; clean up: etcdperf harness:delete plain',
  );

  // A run that was killed earlier has left less.
  await kube.remove({ ...SERVICE, name: 'plain-client' });
  const taken = await deployOnKubernetes(found, {});
  expect(taken.outcome.kind).toBe('deployed');
  expect(taken.objects).toContainEqual({ kind: 'Service', name: 'plain-client', action: 'created' });
  expect((await deployOnKubernetes(found, {})).outcome.kind).toBe('unchanged');

  // A pod that is replaced loses its member's data: the member joins anew, and gets it from the others.
  {
    await using cluster = await openMembers(found);
    using client = openCluster({ ...cluster.access, timeoutMs: 20_000 });
    await client.put('kept', 'by the others');
  }
  await kube.remove({ apiVersion: 'v1', kind: 'Pod', name: 'plain-1' }, { graceSeconds: 1 });
  await vi.waitFor(async () => {
    const pod = await kube.get<Pod>({ apiVersion: 'v1', kind: 'Pod', name: 'plain-1' });
    expect(pod?.status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(0);
  }, LONG);
  const healed = await deployOnKubernetes(found, {});
  expect(healed.outcome.kind).toBe('deployed');
  expect(await valueIn(found, 'kept')).toBe('by the others');
  expect((await deployOnKubernetes(found, {})).outcome.kind).toBe('unchanged');

  // To change such pods is to replace them in the same way, and that asks first.
  const other = await described('plain', { flags: { 'snapshot-count': 5000 } });
  await expect(deployOnKubernetes(other, {})).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/replaced one after the other/),
  });
  const no = { confirm: async () => false, secret: async () => '' };
  expect((await deployOnKubernetes(other, { prompt: no })).outcome.kind).toBe('refused');
  expect((await deployOnKubernetes(found, {})).outcome.kind).toBe('unchanged');
  const { result: anew, fewest } = await fewestReady('plain', () => deployOnKubernetes(other, { yes: true }));
  expect([anew.outcome.kind, fewest]).toEqual(['deployed', 2]);
  expect(await valueIn(other, 'kept')).toBe('by the others');
  expect((await deployOnKubernetes(other, {})).outcome.kind).toBe('unchanged');
  for (const choices of [{}, { prompt: no }]) {
    await expect(deleteOnKubernetes(found, choices)).rejects.toMatchObject({
      message: 'the data of cluster plain, which its pods keep, would be lost',
    });
  }
  expect((await deployOnKubernetes(other, {})).outcome.kind).toBe('unchanged');
  expect((await deleteOnKubernetes(found, { yes: true })).objects.map(({ kind }) => kind)).toContain('StatefulSet');
}, 240_000);

test('names that are taken by others are never touched', async () => {
  const service = { ...SERVICE, metadata: { name: 'taken-client' }, spec: { ports: [{ port: 1 }] } };
  await kube.apply(service as KubeObject);
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data-taken-0' } };
  const spec = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Mi' } },
    storageClassName: 'none',
  };
  await kube.apply({ ...claim, spec } as KubeObject);
  const found = await described('taken', { kubernetes: CLAIM });
  const { outcome, objects } = await deployOnKubernetes(found, {});
  expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('a Service taken-client already') });
  expect(outcome).toHaveProperty('reason', expect.stringContaining('the claim data-taken-0 is there already'));
  expect(objects).toContainEqual({ kind: 'Service', name: 'taken-client', action: 'foreign' });
  expect((await names(SERVICE)).filter((name) => name?.startsWith('taken'))).toEqual(['taken-client']);
  expect((await deleteOnKubernetes(found, NO_QUESTIONS)).objects).toEqual([]);
  expect(await kube.get({ ...SERVICE, name: 'taken-client' })).toMatchObject({ spec: { ports: [{ port: 1 }] } });
});

describe('members that can’t start: the reason is the cluster’s own, and comes before any time-out', () => {
  const cases: [string, object, RegExp, RegExp][] = [
    [
      'unscheduled',
      { nodeSelector: { disk: 'none' } },
      /nodes are available: .*node affinity\/selector/,
      /nodeSelector/,
    ],
    [
      'imageless',
      { image: 'docker.io/lab/none', imagePullPolicy: 'Never' },
      /lab\/none:v3\.6\.16 .*Never/,
      /kubernetes\.image/,
    ],
    [
      'unbound',
      { storage: { claim: { size: '1Mi', storageClass: 'none' } } },
      /claim data-unbound-0 .*"none" not found/,
      /storageclass/,
    ],
    ['unstartable', { ...CLAIM, runAsUser: 1 }, /permission denied/, /runAsUser/],
  ];
  test.each(cases)('%s', async (name, kubernetes, reason, hint) => {
    const found = await described(name, { members: 1, kubernetes });
    const { outcome } = await deployOnKubernetes(found, { patienceMs: 2000 });
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(reason),
      hint: expect.stringMatching(hint),
    });
    await deleteOnKubernetes(found, NO_QUESTIONS);
  });

  test('a wrong flag: etcd’s own words', async () => {
    const found = await described('misspelt', { members: 1, flags: { 'no-such-flag': 1 } });
    const { outcome } = await deployOnKubernetes(found, { patienceMs: 2000 });
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('-no-such-flag') });
    await deleteOnKubernetes(found, NO_QUESTIONS);
  });

  test('the namespace’s quota, with its numbers', async () => {
    await using poor = await testKube();
    await using there = await openKube(poor);
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' }, spec: { hard: { pods: '1' } } };
    await there.apply(quota as KubeObject);
    const seen = { apiVersion: 'v1', kind: 'ResourceQuota', name: 'few' };
    await vi.waitFor(
      async () => expect(await there.get(seen)).toMatchObject({ status: { hard: { pods: '1' } } }),
      60_000,
    );
    const { outcome } = await deployOnKubernetes(await described('crowd', {}, poor), {});
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/exceeded quota: few.*limited: pods=1/),
    });
  });

  test('a namespace that isn’t there: nothing is touched', async () => {
    const found = await described('nowhere', { kubernetes: { namespace: 'there-is-none' } });
    const { outcome } = await deployOnKubernetes(found, {});
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'there is no namespace there-is-none' });
  });
});

test('an API server that goes away in the middle is waited for, and told when it stays away', async () => {
  await using direct = await changedKubeconfig(space.kubeconfigFile, {});
  await using proxy = await startTcpProxy(direct.server);
  const cluster = { server: `https://${proxy.address}`, 'tls-server-name': API_SERVER_NAME };
  await using through = await changedKubeconfig(space.kubeconfigFile, { cluster });
  const found = await described('cut', { members: 1 }, { kubeconfigFile: through.path, namespace: space.namespace });
  const steps: string[] = [];
  const report = await deployOnKubernetes(found, {
    onStep: (text) => {
      if (text.startsWith('waiting') && steps.every((step) => !step.startsWith('waiting'))) proxy.cut();
      if (text.includes('trying again')) proxy.heal();
      steps.push(text);
    },
  });
  expect(steps).toContainEqual(expect.stringContaining('trying again'));
  expect(report.outcome.kind).toBe('deployed');

  // One that stays away.
  await deleteOnKubernetes(found, { yes: true });
  const onStep = (text: string) => text.startsWith('waiting') && proxy.cut();
  const { outcome, objects } = await deployOnKubernetes(found, { serverPatienceMs: 1000, onStep });
  expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/^the API server .*127\.0\.0\.1/) });
  expect(objects).toContainEqual({ kind: 'StatefulSet', name: 'cut', action: 'created' });
  proxy.heal();
  await deleteOnKubernetes(found, { yes: true });
});
