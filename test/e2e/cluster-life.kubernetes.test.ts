import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKube } from '@etcdperf/core/kube';
import { testKube } from '@etcdperf/core/testing';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { liveThrough } from './cluster-life.ts';

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

test('a StatefulSet with TLS, from its certificates to its end', { timeout: 600_000 }, async () => {
  await using kube = await testKube();
  const folder = mkdtempSync(join(tmpdir(), 'etcdperf-life-statefulset-'));
  try {
    const inventory = join(folder, 'etcdperf.yaml');
    const { kubeconfigFile: kubeconfig, namespace } = kube;
    const kubernetes = {
      ...{ kubeconfig, namespace, image: 'docker.io/lab/etcd', antiAffinity: 'required' },
      storage: { claim: { size: '1Gi' } },
      // The lab's volumes are root's.
      runAsUser: 0,
      services: { nodePort: true },
    };
    const main = { backend: 'statefulset', members: 3, tls: { dir: 'pki' }, kubernetes };
    writeFileSync(inventory, stringify({ clusters: { main } }));
    await liveThrough(inventory, 'main');
    expect(await leftIn(kubeconfig, namespace)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
