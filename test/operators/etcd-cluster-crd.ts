import type { CustomResourceDefinition, Kube } from '@etcdperf/core/kube';

type Schema = Readonly<Record<string, unknown>>;

const OURS = 'etcdperf.io/test';

const text = { type: 'string' };
const whole = { type: 'integer' };
const list = (items: Schema) => ({ type: 'array', items });
const object = (properties: Schema) => ({ type: 'object', properties });
const anyObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const texts = { type: 'object', additionalProperties: text };
const quantity = { 'x-kubernetes-int-or-string': true };
const placement = { affinity: anyObject, nodeSelector: texts, tolerations: list(anyObject) };

/** Of coreos' operator, with the fields that etcdperf uses. */
export const COREOS_CRD = crd('etcd.database.coreos.com', 'v1beta2', {
  spec: object({
    size: { type: 'integer', minimum: 1, maximum: 7 },
    ...{ repository: text, version: text, paused: { type: 'boolean' } },
    pod: object({
      ...placement,
      ...{
        labels: texts,
        annotations: texts,
        resources: anyObject,
        persistentVolumeClaimSpec: anyObject,
        securityContext: anyObject,
      },
      etcdEnv: list(object({ name: text, value: text })),
    }),
    TLS: object({
      static: object({ member: object({ peerSecret: text, serverSecret: text }), operatorSecret: text }),
    }),
  }),
  status: object({
    ...{ phase: text, reason: text, size: whole, currentVersion: text, targetVersion: text },
    ...{ serviceName: text, clientPort: whole },
    members: object({ ready: list(text), unready: list(text) }),
  }),
});

/** Of the official operator, with the fields that etcdperf uses. */
export const ETCD_IO_CRD = crd('operator.etcd.io', 'v1alpha1', {
  spec: {
    ...object({
      size: { type: 'integer', minimum: 1 },
      ...{ version: text, imageRegistry: text, etcdOptions: list(text) },
      storageSpec: object({ accessModes: text, storageClassName: text, volumeSizeRequest: quantity }),
      tls: object({ provider: text }),
      podTemplate: object({ metadata: object({ labels: texts, annotations: texts }), spec: object(placement) }),
    }),
    required: ['size', 'version'],
  },
  status: object({
    ...{ observedGeneration: whole, currentReplicas: whole, readyReplicas: whole, memberCount: whole },
    members: list(
      object({ id: text, name: text, version: text, isHealthy: { type: 'boolean' }, isLearner: { type: 'boolean' } }),
    ),
  }),
});

/**
 * Makes the cluster know the kind. Resolves to `ours`, or to `theirs` where it was there before: then the real operator
 * may run, and no stand-in is wanted.
 */
export async function installCrd(kube: Kube, crd: CustomResourceDefinition): Promise<'ours' | 'theirs'> {
  const { apiVersion = '', kind = '', metadata } = crd;
  const name = metadata?.name ?? '';
  const standing = await kube.get<CustomResourceDefinition>({ apiVersion, kind, name });
  if (standing !== undefined && standing.metadata?.labels?.[OURS] === undefined) return 'theirs';
  await kube.apply(crd);
  await kube.waitUntil<CustomResourceDefinition, true>(
    { apiVersion, kind, fields: { 'metadata.name': name } },
    (items) =>
      items.get(name)?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')
        ? { done: true }
        : `${name} to be established`,
    { timeoutMs: 30_000 },
  );
  return 'ours';
}

function crd(group: string, version: string, properties: Schema): CustomResourceDefinition {
  const names = { plural: 'etcdclusters', singular: 'etcdcluster', kind: 'EtcdCluster', listKind: 'EtcdClusterList' };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${group}`, labels: { [OURS]: 'true' } },
    spec: {
      ...{ group, names, scope: 'Namespaced' },
      versions: [
        {
          ...{ name: version, served: true, storage: true, subresources: { status: {} } },
          schema: { openAPIV3Schema: object(properties) },
        },
      ],
    },
  } as CustomResourceDefinition;
}
