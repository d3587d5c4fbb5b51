import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadInventory } from '@etcdperf/core/config';
import { findCluster } from '@etcdperf/core/etcd';
import { type Kube, openKube, type Secret, type Service } from '@etcdperf/core/kube';
import { type TestKube, testKube } from '@etcdperf/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderCertsReport } from '../../render/certs-report.ts';
import { type CertsTask, careForCerts } from './care-for-certs.ts';

let space: TestKube;
let kube: Kube;
let folder: string;
let file: string;

beforeAll(async () => {
  space = await testKube();
  const { kubeconfigFile, namespace } = space;
  kube = await openKube({ kubeconfigFile, namespace });
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-certs-'));
  file = join(folder, 'lab.yaml');
  const kubernetes = (services: string) =>
    `{ kubeconfig: ${kubeconfigFile}, namespace: ${namespace}, services: ${services} }`;
  writeFileSync(
    file,
    `clusters:
  main: { backend: statefulset, tls: { dir: main }, kubernetes: ${kubernetes('{ nodePort: true, loadBalancer: true }')} }
  taken: { backend: statefulset, tls: { dir: taken }, kubernetes: ${kubernetes('{}')} }
`,
  );
});
afterAll(async () => {
  await kube?.close();
  await space?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function certs(name: string, kind: Exclude<CertsTask['kind'], 'client'>) {
  const inventory = await loadInventory(file);
  const found = await findCluster({ inventory, name });
  return careForCerts(found, { task: { kind }, inventory, install: kind !== 'check', days: 365, withinMs: 86_400_000 });
}
const secret = (name: string) => kube.get<Secret>({ apiVersion: 'v1', kind: 'Secret', name });
const base64 = (name: string) => readFileSync(join(folder, 'main', name)).toString('base64');

test('the secrets that members and clients take are made, changed where something is new, and told where etcd must restart', async () => {
  // The load balancer has got an address: nothing here gives it one by itself.
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'main-client-service-lb' },
    spec: { type: 'LoadBalancer', ports: [{ port: 2379 }] },
  };
  await kube.apply(service);
  const balancer = { apiVersion: 'v1', kind: 'Service', name: 'main-client-service-lb' };
  await kube.merge(
    balancer,
    { status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } } },
    { subresource: 'status' },
  );

  const made = await certs('main', 'make');
  expect(made.problems).toEqual([]);
  const [node] = await kube.list({ apiVersion: 'v1', kind: 'Node' });
  const server = made.certificates.find(({ kind }) => kind === 'server')!;
  expect(server.hosts).toEqual(
    expect.arrayContaining(['192.0.2.7', node!.metadata!.name, `*.main.${space.namespace}.svc`]),
  );
  expect(made.installed).toEqual(
    ['peer', 'server', 'client'].map((name) => ({
      kind: 'secret',
      name: `main-${name}-tls`,
      namespace: space.namespace,
      result: { kind: 'created', restart: false },
    })),
  );
  expect((await secret('main-peer-tls'))?.data).toEqual({
    'peer.crt': base64('peer.crt'),
    'peer.key': base64('peer.key'),
    'peer-ca.crt': base64('ca.crt'),
  });
  expect((await secret('main-server-tls'))?.metadata?.labels).toMatchObject({
    'app.kubernetes.io/managed-by': 'etcdperf',
    'etcdperf.io/cluster': 'main',
  });
  expect(Object.keys((await secret('main-client-tls'))!.data!).sort()).toEqual([
    'etcd-client-ca.crt',
    'etcd-client.crt',
    'etcd-client.key',
  ]);
  expect(renderCertsReport(made)).toContain(`secret ${space.namespace}/main-peer-tls`);

  const kinds = async (task: 'make' | 'renew' | 'rotate-ca') =>
    (await certs('main', task)).installed!.map(({ result }) => [result.kind, 'restart' in result && result.restart]);
  expect(await kinds('make')).toEqual(Array(3).fill(['unchanged', false]));
  expect(await kinds('renew')).toEqual(Array(3).fill(['installed', false]));
  expect((await secret('main-server-tls'))?.data?.['server.crt']).toBe(base64('server.crt'));
  expect(await kinds('rotate-ca')).toEqual([
    ['installed', true],
    ['installed', true],
    ['installed', false],
  ]);
});

test('a secret of somebody else stays as it is, and so do all others', async () => {
  const foreign = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'taken-server-tls' },
    data: { mine: 'bWluZQ==' },
  };
  await kube.create<Secret>(foreign);
  await expect(certs('taken', 'make')).rejects.toThrow("the secret taken-server-tls is not etcdperf's");
  expect((await secret('taken-server-tls'))?.data).toEqual({ mine: 'bWluZQ==' });
  expect(await secret('taken-peer-tls')).toBeUndefined();
});
