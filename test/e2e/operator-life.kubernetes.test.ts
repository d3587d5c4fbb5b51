import { openKube } from '@etcdperf/core/kube';
import { testKube } from '@etcdperf/core/testing';
import { expect, test } from 'vitest';
import { ETCD_IO_CRD, installCrd } from '../operators/etcd-cluster-crd.ts';
import { startEtcdIoStandIn } from '../operators/etcd-io-stand-in.ts';
import { operatorInventory } from '../operators/operator-cluster.ts';
import { liveThrough } from './cluster-life.ts';

test('an EtcdCluster with TLS, from its certificates to its end', { timeout: 600_000 }, async () => {
  await using space = await testKube();
  await using kube = await openKube({ kubeconfigFile: space.kubeconfigFile, namespace: space.namespace });
  // The real operator runs members without the certificates that it has: no life to live through.
  if ((await installCrd(kube, ETCD_IO_CRD)) === 'theirs') return;
  await using _operator = await startEtcdIoStandIn(space, { servesTls: true });
  const kubernetes = {
    ...{ operator: 'etcd-io', antiAffinity: 'required', services: { nodePort: true } },
    storage: { claim: { size: '64Mi' } },
  };
  await using own = await operatorInventory(space, { name: 'main', members: 3, tls: { dir: 'pki' }, kubernetes });
  await liveThrough(own.inventory.path, 'main');
  for (const kind of ['Pod', 'Service', 'Secret', 'PersistentVolumeClaim'])
    expect(await kube.list({ apiVersion: 'v1', kind })).toEqual([]);
});
