import { afterAll, beforeAll, expect, test } from 'vitest';
import { testKube } from '../testing/index.ts';
import type { Kube, KubeObject } from './index.ts';
import { KubeError, openKube } from './index.ts';

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

let space: Awaited<ReturnType<typeof testKube>>;
let kube: Kube;

beforeAll(async () => {
  space = await testKube();
  kube = await openKube({ kubeconfigFile: space.kubeconfigFile, namespace: space.namespace });
});
afterAll(async () => {
  await kube?.close();
  await space?.close();
});

const mapOf = (name: string, data: Record<string, string>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const refTo = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name });

test('apply creates, changes, leaves alone what is equal, and takes away what is no longer said', async () => {
  const made = await kube.apply(mapOf('a', { one: '1', two: '2' }));
  expect(made).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'a', namespace: space.namespace } });

  const same = await kube.apply(mapOf('a', { one: '1', two: '2' }));
  expect(same.metadata?.resourceVersion).toBe(made.metadata?.resourceVersion);

  const changed = await kube.apply(mapOf('a', { one: 'other' }));
  expect(changed.data).toEqual({ one: 'other' });
  expect(changed.metadata?.uid).toBe(made.metadata?.uid);
  expect(changed.metadata?.managedFields?.map(({ manager }) => manager)).toEqual(['etcdperf']);
});

test('a dry run answers as if, and stores nothing', async () => {
  expect(await kube.apply(mapOf('dry', { one: '1' }), { dryRun: true })).toMatchObject({ data: { one: '1' } });
  expect(await kube.get(refTo('dry'))).toBeUndefined();

  await kube.apply(mapOf('dry', { one: '1' }));
  const would = await kube.apply(mapOf('dry', { one: '2' }), { dryRun: true });
  expect(would.data).toEqual({ one: '2' });
  expect(await kube.get<ConfigMap>(refTo('dry'))).toMatchObject({ data: { one: '1' } });
});

test('a field that another manager set is a conflict that names both, unless it is taken by force', async () => {
  const path = `api/v1/namespaces/${space.namespace}/configmaps/shared`;
  await applyAs('someone-else', path, mapOf('shared', { one: '1', two: '2' }));

  const error = await kube.apply(mapOf('shared', { one: 'mine' })).catch((refused) => refused);
  expect(error).toBeInstanceOf(KubeError);
  expect(error).toMatchObject({
    status: 409,
    message: `apply ConfigMap shared in namespace ${space.namespace}: someone-else manages .data.one`,
  });

  const taken = await kube.apply(mapOf('shared', { one: 'mine' }), { force: true });
  expect(taken.data).toEqual({ one: 'mine', two: '2' });
});

/** kubectl's own way, with another field manager. */
async function applyAs(manager: string, path: string, object: KubeObject): Promise<void> {
  const { chooseContext } = await import('./kubeconfig.ts');
  const { ApiServer } = await import('./api-server.ts');
  const chosen = chooseContext({ kubeconfigFile: space.kubeconfigFile });
  const api = new ApiServer(chosen, { patienceMs: 0, firstPatienceMs: 0 });
  await api.json({
    method: 'PATCH',
    path: `/${path}`,
    query: { fieldManager: manager },
    body: object,
    contentType: 'application/apply-patch+yaml',
    what: 'apply as another',
  });
  api.close();
}

test('what the API server finds wrong with an object is said by field', async () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } };
  const wrong = { ...service, spec: { ports: [{ port: 99999 }] } };
  await expect(kube.apply(wrong)).rejects.toThrow(/spec\.ports\[0\]\.port: Invalid value: 99999/);
  // A misspelt field is an error, not silently dropped.
  await expect(kube.apply({ ...service, spec: { prots: [] } } as KubeObject)).rejects.toThrow(/prots/);
});

test('create says what is there already; merge changes one key; remove says what was absent', async () => {
  const made = await kube.create(mapOf('b', { one: '1', two: '2' }));
  await expect(kube.create(mapOf('b', {}))).rejects.toMatchObject({ status: 409, reason: 'AlreadyExists' });

  const merged = await kube.merge<ConfigMap>(refTo('b'), { data: { one: null, three: '3' } });
  expect(merged.data).toEqual({ two: '2', three: '3' });

  const other = '00000000-0000-0000-0000-000000000000';
  await expect(kube.remove(refTo('b'), { uid: other })).rejects.toMatchObject({ status: 409 });
  expect(await kube.remove(refTo('b'), { uid: made.metadata?.uid })).toBe('removed');
  expect(await kube.remove(refTo('b'))).toBe('absent');
});

test('list selects by labels and fields, and reads page after page', async () => {
  const labels = { 'etcdperf.io/many': 'yes' };
  const names = Array.from({ length: 12 }, (_, index) => `many-${index}`);
  await Promise.all(
    names.map((name) => kube.apply({ ...mapOf(name, {}), metadata: { name, labels } } satisfies ConfigMap)),
  );
  const query = { apiVersion: 'v1', kind: 'ConfigMap', labels };
  const found = await kube.list<ConfigMap>(query);
  expect(found.map(({ metadata }) => metadata?.name).sort()).toEqual(names.sort());
  expect(found[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  expect(await kube.list({ ...query, fields: { 'metadata.name': 'many-3' } })).toHaveLength(1);
  expect(await kube.list({ ...query, namespace: '*' })).toHaveLength(12);

  const { listAll } = await import('./follow.ts');
  const { ApiServer } = await import('./api-server.ts');
  const { chooseContext } = await import('./kubeconfig.ts');
  const chosen = chooseContext({ kubeconfigFile: space.kubeconfigFile });
  const api = new ApiServer(chosen, { patienceMs: 0, firstPatienceMs: 0 });
  const collection = {
    path: `/api/v1/namespaces/${space.namespace}/configmaps`,
    query: { labelSelector: 'etcdperf.io/many=yes' },
    what: 'configmaps',
    acrossNamespaces: false,
    apiVersion: 'v1',
    kind: 'ConfigMap',
  };
  expect((await listAll(api, collection, { pageSize: 5 })).items).toHaveLength(12);
  api.close();
});

test('a kind that is not installed is named, with what brings it', async () => {
  const ref = { apiVersion: 'nothing.example.com/v1alpha1', kind: 'EtcdCluster', name: 'x' };
  const error = await kube.get(ref).catch((refused) => refused);
  expect(error).toMatchObject({
    message: 'the cluster does not know kind EtcdCluster of nothing.example.com/v1alpha1',
    hint: expect.stringContaining('custom resource definition (CRD) is not installed'),
    status: 404,
  });
});

test('a quota that is exceeded is named with its numbers', async () => {
  await kube.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small' },
    spec: { hard: { 'count/services': '0' } },
  } as KubeObject);
  const ref = { apiVersion: 'v1', kind: 'ResourceQuota', fields: { 'metadata.name': 'small' } };
  await kube.waitUntil<KubeObject & { status?: { hard?: object } }, true>(
    ref,
    (items) => (items.get('small')?.status?.hard === undefined ? 'the quota is counted' : { done: true }),
    { timeoutMs: 60_000 },
  );
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 1 }] } };
  await expect(kube.apply(service as KubeObject)).rejects.toThrow(
    'quota small is exceeded: requested count/services=1, used count/services=0, limited to count/services=0',
  );
});

test('waitUntil tells what is awaited, and gives up with it', async () => {
  const states: string[] = [];
  const query = { apiVersion: 'v1', kind: 'ConfigMap', fields: { 'metadata.name': 'awaited' } };
  const waiting = kube.waitUntil<ConfigMap, string>(
    query,
    (items) => {
      const step = items.get('awaited')?.data?.step;
      return step === 'last' ? { done: step } : (step ?? 'a map');
    },
    { timeoutMs: 60_000, onState: (state) => states.push(state) },
  );
  await expect.poll(() => states, { timeout: 30_000 }).toEqual(['a map']);
  await kube.apply(mapOf('awaited', { step: 'first' }));
  await expect.poll(() => states, { timeout: 30_000 }).toEqual(['a map', 'first']);
  await kube.apply(mapOf('awaited', { step: 'last' }));
  expect(await waiting).toBe('last');

  await expect(kube.waitUntil(query, () => 'what never comes', { timeoutMs: 100 })).rejects.toThrow(
    'not within 0.1 s: what never comes',
  );
  await expect(
    kube.waitUntil(query, () => 'x', { timeoutMs: 60_000, signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ exitCode: 130 });
  const stop = () => {
    throw new Error('enough');
  };
  await expect(kube.waitUntil(query, stop, { timeoutMs: 60_000 })).rejects.toThrow('enough');
});
