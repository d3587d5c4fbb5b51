import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { testKube } from '../testing/index.ts';
import { type KubeObject, openKube, type Secret } from './index.ts';

/** What a pod has instead of a kubeconfig, in a view of the file system that only this process has. */
const AS_IN_A_POD = `set -e
mount -t tmpfs none /run
mkdir -p /run/secrets/kubernetes.io
cp -r "$1" /run/secrets/kubernetes.io/serviceaccount
shift
exec "$@"`;

const ASK = `import { openKube } from '${new URL('index.ts', import.meta.url).href}';
await using kube = await openKube();
const refused = await kube.list({ apiVersion: 'v1', kind: 'Pod' }).catch((error) => error.message);
console.log(JSON.stringify({ context: kube.context, namespace: kube.namespace, refused }));`;

test('without a kubeconfig, the service account of the pod that it runs in', async () => {
  await using space = await testKube();
  const { kubeconfigFile, namespace } = space;
  await using kube = await openKube({ kubeconfigFile, namespace });
  await kube.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'token', annotations: { 'kubernetes.io/service-account.name': 'default' } },
    type: 'kubernetes.io/service-account-token',
  } as KubeObject);
  const query = { apiVersion: 'v1', kind: 'Secret', fields: { 'metadata.name': 'token' } };
  const data = await kube.waitUntil<Secret, Record<string, string>>(
    query,
    (items) => {
      const { token, 'ca.crt': ca } = items.get('token')?.data ?? {};
      return token === undefined || ca === undefined ? 'the token' : { done: { token, 'ca.crt': ca } };
    },
    { timeoutMs: 60_000 },
  );

  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-account-'));
  try {
    for (const [name, content] of Object.entries(data)) await writeFile(join(folder, name), atob(content));
    await writeFile(join(folder, 'namespace'), namespace);
    const { hostname, port } = new URL(kube.server);
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
    };
    const ask = [process.execPath, '--conditions=etcdperf-source', '--input-type=module', '-e', ASK];
    const argv = ['--mount', 'sh', '-c', AS_IN_A_POD, 'sh', folder, ...ask];
    const { stdout } = await promisify(execFile)('unshare', argv, { env });
    expect(JSON.parse(stdout)).toEqual({
      context: 'inClusterContext',
      namespace,
      refused: expect.stringContaining(`system:serviceaccount:${namespace}:default may not list pods`),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
