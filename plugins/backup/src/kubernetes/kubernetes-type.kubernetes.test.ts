import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { openKube } from '@etcdperf/core/kube';
import { findEtcdTool, testKube } from '@etcdperf/core/testing';
import { expect, test } from 'vitest';
import { kubernetesType } from './kubernetes-type.ts';

/** The etcd behind the API server of a Kubernetes lab: it listens in the lab's own network only. */
async function labEtcd(kubeconfigFile: string): Promise<(key: string) => Promise<Buffer>> {
  const dataDir = `--data-dir=${join(dirname(kubeconfigFile), 'control/etcd/data')}`;
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    processes.map(async (pid) => ({ pid, argv: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') })),
  );
  const etcd = commands.find(({ argv }) => argv.split('\0').includes(dataDir));
  if (etcd === undefined) throw new Error(`no etcd of a Kubernetes lab runs with ${dataDir}`);
  const etcdctl = await findEtcdTool('etcdctl');
  return async (key) => {
    const get = [etcdctl, '--endpoints', 'http://127.0.0.1:2379', 'get', key, '--print-value-only'];
    const { stdout } = await promisify(execFile)('nsenter', ['--target', etcd.pid, '--net', '--', ...get], {
      encoding: 'buffer',
    });
    // etcdctl ends the value with a line break.
    return stdout.subarray(0, -1);
  };
}

test('what the API server stores is named by kind and API version', async () => {
  await using lab = await testKube();
  const { kubeconfigFile, namespace } = lab;
  const kube = await openKube({ kubeconfigFile, namespace });
  try {
    const metadata = { name: 'typed', namespace };
    await kube.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { kind: 'Other' } });
    await kube.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { holderIdentity: 'x' } });
  } finally {
    await kube.close();
  }
  const stored = await labEtcd(kubeconfigFile);
  const configMap = await stored(`/registry/configmaps/${namespace}/typed`);
  // In protobuf, as the API server stores its own kinds.
  expect(configMap.subarray(0, 4)).toEqual(Buffer.from('k8s\0'));
  expect(kubernetesType(configMap)).toEqual({ apiVersion: 'v1', kind: 'ConfigMap' });
  const lease = await stored(`/registry/leases/${namespace}/typed`);
  expect(kubernetesType(lease)).toEqual({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' });
  // In JSON, as it stores those of extensions.
  const service = await stored('/registry/apiregistration.k8s.io/apiservices/v1.');
  expect(service.subarray(0, 1).toString()).toBe('{');
  expect(kubernetesType(service)).toEqual({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' });
});
