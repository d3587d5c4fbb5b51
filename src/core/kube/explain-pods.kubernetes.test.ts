import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestKube, testKube } from '../testing/index.ts';
import { explainPods, type Kube, type KubeObject, openKube, type Pod } from './index.ts';

const IMAGE = 'docker.io/lab/etcd:v3.6.16';
const WAIT = { timeout: 90_000, interval: 250 };

let space: TestKube;
let kube: Kube;

beforeAll(async () => {
  space = await testKube();
  kube = await openKube({ kubeconfigFile: space.kubeconfigFile, namespace: space.namespace });
  await Promise.all([
    start('no-image', { containers: [{ ...MAIN, image: 'registry.invalid/etcd:v0' }] }),
    start('bad-image', { containers: [{ ...MAIN, image: 'UPPER//etcd' }] }),
    start('nowhere', { nodeSelector: { 'etcdperf.io/none': 'such' }, containers: [MAIN] }),
    start('crashes', {
      containers: [{ ...MAIN, command: ['sh', '-c', 'echo one; echo the disk is gone >&2; exit 3'] }],
    }),
    start('no-program', { containers: [{ ...MAIN, command: ['nonesuch'] }] }),
    start('no-secret', { containers: [{ ...MAIN, env: [SECRET] }] }),
    start('not-ready', {
      containers: [
        { ...MAIN, readinessProbe: { exec: { command: ['sh', '-c', 'echo not yet; exit 1'] }, periodSeconds: 1 } },
      ],
    }),
    kube.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'none-such',
        resources: { requests: { storage: '1Gi' } },
      },
    } as KubeObject),
    start('no-claim', {
      containers: [{ ...MAIN, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    }),
    start('fine', { containers: [MAIN] }),
  ]);
});
afterAll(async () => {
  await kube?.close();
  await space?.close();
});

const MAIN = { name: 'main', image: IMAGE, imagePullPolicy: 'IfNotPresent', command: ['sleep', 'infinity'] };
const SECRET = { name: 'KEY', valueFrom: { secretKeyRef: { name: 'none-such', key: 'key' } } };

async function start(name: string, spec: Pod['spec']): Promise<void> {
  const metadata = { name };
  await kube.apply<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { terminationGracePeriodSeconds: 0, ...spec! },
  });
}

async function why(name: string): Promise<string> {
  const pod = await kube.get<Pod>({ apiVersion: 'v1', kind: 'Pod', name });
  return (await explainPods(kube, [pod!])).join('\n');
}

test.each([
  ['no-image', /^pod no-image: image registry\.invalid\/etcd:v0 can't be pulled: .*registry\.invalid/],
  ['bad-image', /^pod bad-image: image UPPER\/\/etcd is not a name for one: .*invalid reference format/],
  ['nowhere', /^pod nowhere can't be scheduled: 0\/\d+ nodes are available: .*node affinity\/selector/],
  ['crashes', /^pod crashes: ended with exit code 3.*; its last lines:\n {2}one\n {2}the disk is gone$/],
  ['no-program', /^pod no-program: can't be started: .*"nonesuch": executable file not found/],
  ['no-secret', /^pod no-secret: can't be made: secret "none-such" not found$/],
  ['not-ready', /^pod not-ready: is not ready: Readiness probe failed: not yet$/],
  [
    'no-claim',
    /^pod no-claim can't be scheduled: .*\nclaim data \(storage class none-such\) is not bound: .*"none-such" not found$/,
  ],
])('%s', async (name, expected) => {
  await expect.poll(() => why(name), WAIT).toMatch(expected);
});

test('nothing is wrong with a pod that runs', async () => {
  const query = { apiVersion: 'v1', kind: 'Pod', fields: { 'metadata.name': 'fine' } };
  await kube.waitUntil<Pod, true>(
    query,
    (items) => (items.get('fine')?.status?.containerStatuses?.[0]?.ready ? { done: true } : 'the pod to be ready'),
    { timeoutMs: 90_000 },
  );
  expect(await why('fine')).toBe('');
});
