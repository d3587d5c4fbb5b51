import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import { loadInventory } from './load-inventory.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'etcdperf-kubernetes-config-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function cluster(yaml: string) {
  const path = join(dir, 'lab.yaml');
  writeFileSync(path, `clusters:\n  main: ${yaml}\n`);
  return (await loadInventory(path)).clusters.get('main')!;
}

async function problems(yaml: string): Promise<string[]> {
  const error: unknown = await cluster(yaml).catch((reason: unknown) => reason);
  if (!(error instanceof InputError)) throw new Error('it was accepted');
  return error.problems.map(({ message, hint }) => message + (hint === undefined ? '' : ` (${hint})`));
}

describe('a cluster on Kubernetes', () => {
  test('with as little as can be said', async () => {
    const { backend, members, kubernetes } = await cluster('{backend: statefulset}');
    expect(backend).toBe('statefulset');
    expect(members.map(({ name, clientPort, peerPort }) => [name, clientPort, peerPort])).toEqual([
      ['main-0', 2379, 2380],
      ['main-1', 2379, 2380],
      ['main-2', 2379, 2380],
    ]);
    expect(kubernetes).toEqual({
      storage: { kind: 'emptyDir' },
      services: { vip: [] },
      antiAffinity: 'preferred',
      ...{ imagePullSecrets: [], nodeSelector: {}, tolerations: [], labels: {}, annotations: {} },
    });
  });

  test('with all of it', async () => {
    const { kubernetes, tls, endpoints } = await cluster(`
    backend: operator
    members: 5
    tls: { dir: pki }
    endpoints: ['https://198.51.100.7:30071']
    kubernetes:
      operator: coreos
      context: tugboat
      namespace: armada
      image: example.org/etcd
      storage: { claim: { size: 8Gi, storageClass: fast } }
      resources: { requests: { cpu: 2, memory: 8Gi } }
      nodeSelector: { dedicated: etcd }
      tolerations: [{ key: dedicated, operator: Exists, effect: NoSchedule }]
      antiAffinity: required
      services: { nodePort: 30071, loadBalancer: true, vip: etcd.example.org }`);
    expect(kubernetes).toMatchObject({
      operator: 'coreos',
      context: 'tugboat',
      namespace: 'armada',
      storage: { kind: 'claim', size: '8Gi', storageClass: 'fast', accessMode: 'ReadWriteOnce' },
      resources: { requests: { cpu: '2', memory: '8Gi' } },
      tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
      services: { nodePort: { port: 30071 }, loadBalancer: { annotations: {} }, vip: ['etcd.example.org'] },
    });
    expect(tls).toMatchObject({ madeIn: join(dir, 'pki'), peerKeyFile: join(dir, 'pki/peer.key') });
    expect(endpoints).toEqual(['https://198.51.100.7:30071']);
  });

  test.each([
    ['nfs: { server: nas, path: /etcd }', { kind: 'nfs', server: 'nas', path: '/etcd', size: '10Gi' }],
    ['hostPath: { path: /data, size: 1Gi }', { kind: 'hostPath', path: '/data', size: '1Gi' }],
    ['emptyDir: { medium: Memory, sizeLimit: 512Mi }', { kind: 'emptyDir', medium: 'Memory', sizeLimit: '512Mi' }],
  ])('data in %s', async (storage, expected) => {
    const { kubernetes } = await cluster(`{backend: statefulset, kubernetes: {storage: {${storage}}}}`);
    expect(kubernetes?.storage).toEqual(expected);
  });
});

test.each([
  [
    'an operator that is not named',
    '{backend: operator}',
    ['clusters.main: operator is missing (operator: coreos, or operator: etcd-io)'],
  ],
  [
    'an operator for a StatefulSet',
    '{backend: statefulset, kubernetes: {operator: coreos}}',
    ['clusters.main.kubernetes.operator: a cluster of backend statefulset has no operator (backend: operator)'],
  ],
  [
    'Kubernetes for another backend',
    '{backend: local, kubernetes: {namespace: a}}',
    [
      'clusters.main.kubernetes: a cluster of backend local is not on Kubernetes (backend: statefulset, or backend: operator)',
    ],
  ],
  [
    'members that are named',
    '{backend: statefulset, members: [a, b]}',
    [
      'clusters.main.members: must be a number: which nodes they run on, Kubernetes decides (members: 3; kubernetes.nodeSelector chooses among nodes)',
    ],
  ],
  [
    'a data directory',
    '{backend: statefulset, dataDir: /data}',
    ['clusters.main.dataDir: pods keep their data elsewhere (kubernetes: storage)'],
  ],
  [
    'a slip of the pen',
    '{backend: statefulset, kubernetes: {namespce: a}}',
    ["clusters.main.kubernetes.namespce: unknown key (did you mean 'namespace'?)"],
  ],
  [
    'a size that is none',
    '{backend: statefulset, kubernetes: {storage: {claim: {size: 8GB}}}}',
    ['clusters.main.kubernetes.storage.claim.size: must be a quantity such as 500m or 8Gi'],
  ],
  [
    'a storage that nobody knows',
    '{backend: statefulset, kubernetes: {storage: {nsf: {server: a, path: /b}}}}',
    ["clusters.main.kubernetes.storage.nsf: unknown key (did you mean 'nfs'?)"],
  ],
  [
    'a slip in tls',
    '{backend: statefulset, tls: {dri: pki}}',
    ['clusters.main.tls.dir: is missing (text)', "clusters.main.tls.dri: unknown key (did you mean 'dir'?)"],
  ],
  [
    'a file of certificates that is missing',
    '{backend: statefulset, tls: {ca: a, cert: b}}',
    ['clusters.main.tls.key: is missing (text)'],
  ],
  [
    'two storages',
    '{backend: statefulset, kubernetes: {storage: {emptyDir: {}, claim: {size: 1Gi}}}}',
    ['clusters.main.kubernetes.storage: must be only one of emptyDir, claim, nfs and hostPath'],
  ],
])('%s is refused', async (_, yaml, expected) => {
  expect(await problems(yaml)).toEqual(expected);
});
