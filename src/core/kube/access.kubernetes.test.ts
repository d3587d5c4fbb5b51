import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changedKubeconfig, makeCertificates, type TestKube, testKube } from '../testing/index.ts';
import { type Kube, type KubeObject, openKube, type Secret } from './index.ts';

let space: TestKube;
let admin: Kube;
let token: string;

beforeAll(async () => {
  space = await testKube();
  const { kubeconfigFile, namespace } = space;
  admin = await openKube({ kubeconfigFile, namespace });
  await admin.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody' } });
  await admin.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'nobody', annotations: { 'kubernetes.io/service-account.name': 'nobody' } },
    type: 'kubernetes.io/service-account-token',
  } as KubeObject);
  token = await admin.waitUntil<Secret, string>(
    { apiVersion: 'v1', kind: 'Secret', fields: { 'metadata.name': 'nobody' } },
    (items) => {
      const text = items.get('nobody')?.data?.token;
      return text === undefined ? 'the token of the service account' : { done: atob(text) };
    },
    { timeoutMs: 60_000 },
  );
});
afterAll(async () => {
  await admin?.close();
  await space?.close();
});

const whoIs = () => `system:serviceaccount:${space.namespace}:nobody`;

test('who may not is told the verb, the resource, the namespace and the rule that is missing', async () => {
  await using kubeconfig = await changedKubeconfig(space.kubeconfigFile, { user: { token } });
  const { namespace } = space;
  await using kube = await openKube({ kubeconfigFile: kubeconfig.path, namespace });

  await expect(kube.list({ apiVersion: 'v1', kind: 'Pod' })).rejects.toMatchObject({
    message: `list pods in namespace ${namespace}: ${whoIs()} may not list pods in namespace ${namespace}`,
    hint: `a Role with {apiGroups: [""], resources: ["pods"], verbs: ["list"]} bound to ${whoIs()} allows it`,
    status: 403,
    exitCode: 1,
  });
  const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'x' }, spec: {} };
  await expect(kube.apply(set as KubeObject)).rejects.toThrow(`${whoIs()} may not patch statefulsets in namespace`);
  await expect(kube.list({ apiVersion: 'v1', kind: 'Node' })).rejects.toMatchObject({
    message: `list nodes: ${whoIs()} may not list nodes cluster-wide`,
    hint: expect.stringMatching(/^a ClusterRole with/),
  });
  await expect(kube.exec('x', ['true'])).rejects.toThrow(/may not (get|create) pods\/exec in namespace/);
  await expect(kube.forward('x', 2379)).rejects.toThrow(/may not (get|create) pods\/portforward in namespace/);
  await expect(collect(kube.logs('x'))).rejects.toThrow(`${whoIs()} may not get pods/log in namespace ${namespace}`);
  await expect(kube.evict('x')).rejects.toThrow(`${whoIs()} may not create pods/eviction in namespace ${namespace}`);
});

test('can lists all that is not allowed, and nothing else', async () => {
  await using kubeconfig = await changedKubeconfig(space.kubeconfigFile, { user: { token } });
  const { namespace } = space;
  await using kube = await openKube({ kubeconfigFile: kubeconfig.path, namespace });
  await admin.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'reads-pods' },
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] },
    ],
  } as KubeObject);
  await admin.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'reads-pods' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reads-pods' },
    subjects: [{ kind: 'ServiceAccount', name: 'nobody', namespace }],
  } as KubeObject);
  const allowed = [
    { verb: 'get', resource: 'pods' },
    { verb: 'list', resource: 'pods' },
    { verb: 'create', resource: 'pods', subresource: 'exec' },
  ];
  const denied = [
    { verb: 'delete', resource: 'pods' },
    { verb: 'patch', group: 'apps', resource: 'statefulsets' },
    { verb: 'list', resource: 'pods', namespace: 'default' },
    { verb: 'list', resource: 'nodes', namespace: '' },
  ];
  await expect.poll(() => kube.can([...denied, ...allowed]), { timeout: 30_000 }).toEqual(denied);
  expect(await admin.can([...denied, ...allowed])).toEqual([]);
});

test('who is not known is told what to renew', async () => {
  await using kubeconfig = await changedKubeconfig(space.kubeconfigFile, { user: { token: 'wrong-token' } });
  await using kube = await openKube({ kubeconfigFile: kubeconfig.path });
  const error = await kube.list({ apiVersion: 'v1', kind: 'Pod' }).catch((refused) => refused);
  expect(error).toMatchObject({
    status: 401,
    message: expect.stringContaining('does not know who we are'),
    hint: expect.stringContaining('renew'),
  });
  expect(String(error.message) + error.hint).not.toContain('wrong-token');

  const { client } = await makeCertificates({ expired: 'client' });
  const user = {
    'client-certificate-data': client.cert.toString('base64'),
    'client-key-data': client.key.toString('base64'),
  };
  await using byCertificate = await changedKubeconfig(space.kubeconfigFile, { user });
  await using stranger = await openKube({ kubeconfigFile: byCertificate.path });
  await expect(stranger.list({ apiVersion: 'v1', kind: 'Pod' })).rejects.toMatchObject({
    status: 401,
    hint: expect.stringContaining('renew'),
  });
});

test('a token file and a credential plugin are read, and one that fails is named', async () => {
  await using byFile = await changedKubeconfig(space.kubeconfigFile, { user: { tokenFile: 'token' } });
  await writeFile(join(byFile.folder, 'token'), token, { mode: 0o600 });
  await using withFile = await openKube({ kubeconfigFile: byFile.path });
  await expect(withFile.list({ apiVersion: 'v1', kind: 'Node' })).rejects.toThrow(whoIs());

  const exec = { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', command: './plugin' };
  await using byPlugin = await changedKubeconfig(space.kubeconfigFile, { user: { exec } });
  const credential = { apiVersion: exec.apiVersion, kind: 'ExecCredential', status: { token } };
  const plugin = join(byPlugin.folder, 'plugin');
  await writeFile(plugin, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(credential)}\nEND\n`);
  await chmod(plugin, 0o700);
  await using withPlugin = await openKube({ kubeconfigFile: byPlugin.path });
  await expect(withPlugin.list({ apiVersion: 'v1', kind: 'Node' })).rejects.toThrow(whoIs());

  await using byNone = await changedKubeconfig(space.kubeconfigFile, { user: { exec } });
  await using withNone = await openKube({ kubeconfigFile: byNone.path });
  await expect(withNone.list({ apiVersion: 'v1', kind: 'Node' })).rejects.toMatchObject({
    message: `the kubeconfig's credential plugin ${join(byNone.folder, 'plugin')} isn't there`,
    exitCode: 2,
  });

  const failing = join(byNone.folder, 'plugin');
  await writeFile(failing, '#!/bin/sh\necho "you are logged out" >&2\nexit 1\n', { mode: 0o700 });
  await expect(withNone.list({ apiVersion: 'v1', kind: 'Node' })).rejects.toMatchObject({
    message: "the kubeconfig's credentials can't be had: you are logged out",
    hint: 'log in anew with the tool that made them',
  });
  await writeFile(failing, '#!/bin/sh\necho hush-hush\n', { mode: 0o700 });
  const error = await withNone.list({ apiVersion: 'v1', kind: 'Node' }).catch((refused) => refused);
  expect(error.message).toBe("the kubeconfig's credential plugin does not answer in JSON");
  expect(String(error.stack) + error.cause).not.toContain('hush');
});

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
