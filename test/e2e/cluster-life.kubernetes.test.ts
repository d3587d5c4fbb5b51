import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKube } from '@etcdperf/core/kube';
import { type TestKube, testKube } from '@etcdperf/core/testing';
import { expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { startCoreosStandIn } from '../operators/coreos-stand-in.ts';
import { COREOS_CRD, ETCD_IO_CRD, installCrd } from '../operators/etcd-cluster-crd.ts';
import { startEtcdIoStandIn } from '../operators/etcd-io-stand-in.ts';
import { liveThrough } from './cluster-life.ts';

const LONG = 600_000;
const SOON = { timeout: 60_000, interval: 500 };

/** What a namespace has of clusters. */
async function leftIn(kubeconfigFile: string, namespace: string): Promise<string[]> {
  await using kube = await openKube({ kubeconfigFile, namespace });
  const kinds = [
    ...['Pod', 'Service', 'Secret', 'PersistentVolumeClaim'].map((kind) => ({ apiVersion: 'v1', kind })),
    { apiVersion: 'apps/v1', kind: 'StatefulSet' },
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  ];
  const found = await Promise.all(kinds.map(async (query) => (await kube.list(query)).map((one) => [query.kind, one])));
  return found.flat().map(([kind, one]) => `${kind} ${(one as { metadata?: { name?: string } }).metadata?.name}`);
}

/** A cluster of an inventory of its own, through its life in a namespace of its own, of which nothing is left. */
async function live(
  space: TestKube,
  cluster: { readonly kubernetes: object; readonly [key: string]: unknown },
  options?: Parameters<typeof liveThrough>[2],
) {
  const folder = mkdtempSync(join(tmpdir(), 'etcdperf-life-'));
  try {
    const inventory = join(folder, 'etcdperf.yaml');
    const { kubeconfigFile: kubeconfig, namespace } = space;
    const kubernetes = { kubeconfig, namespace, image: 'docker.io/lab/etcd', services: { nodePort: true } };
    const main = { members: 3, ...cluster, kubernetes: { ...kubernetes, ...cluster.kubernetes } };
    writeFileSync(inventory, stringify({ clusters: { main } }));
    await liveThrough(inventory, 'main', options);
    await vi.waitFor(async () => expect(await leftIn(kubeconfig, namespace)).toEqual([]), SOON);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a StatefulSet with TLS, from its certificates to its end', { timeout: LONG }, async () => {
  await using space = await testKube();
  // The lab's volumes are root's.
  const kubernetes = { antiAffinity: 'required', storage: { claim: { size: '1Gi' } }, runAsUser: 0 };
  await live(space, { backend: 'statefulset', tls: { dir: 'pki' }, kubernetes });
});

test('an EtcdCluster of the official operator, with TLS, from its certificates to its end', {
  timeout: LONG,
}, async () => {
  await using space = await testKube();
  await using kube = await openKube(space);
  const isReal = (await installCrd(kube, ETCD_IO_CRD)) === 'theirs';
  await using _standIn = isReal ? undefined : await startEtcdIoStandIn(space, { servesTls: true });
  const kubernetes = { operator: 'etcd-io', storage: { claim: { size: '1Gi' } } };
  // The real one's releases have certificates, and serve without.
  await live(space, { backend: 'operator', ...(!isReal && { tls: { dir: 'pki' } }), kubernetes });
});

test("an EtcdCluster of coreos' operator, with TLS, from its certificates to its end", { timeout: LONG }, async () => {
  await using space = await testKube();
  await using kube = await openKube(space);
  const isReal = (await installCrd(kube, COREOS_CRD)) === 'theirs';
  await using _standIn = isReal ? undefined : await startCoreosStandIn(space);
  const cluster = { backend: 'operator', tls: { dir: 'pki' }, kubernetes: { operator: 'coreos' } };
  await live(space, cluster, { startsAgain: false });
});
