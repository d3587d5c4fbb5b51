import { InputError } from '@etcdperf/core/errors';
import type { KubernetesCluster } from '@etcdperf/core/etcd';
import type { Kube } from '@etcdperf/core/kube';
import type { Prompt } from '@etcdperf/core/ssh';
import { askFirst } from './ask-first.ts';
import { backendOf } from './backend-of.ts';
import { ownPodLabels } from './cluster-labels.ts';
import type { ClusterObject } from './cluster-object.ts';
import type { KubernetesBackend } from './kubernetes-backend.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';
import type { DeletedObject, KubernetesDeleteReport } from './kubernetes-report.ts';
import { ownObjects } from './look-at-cluster.ts';
import { openClusterKube } from './open-cluster-kube.ts';
import { removeObjects } from './remove-objects.ts';
import { dataElsewhere } from './statefulset/member-storage.ts';

export interface KubernetesDeleteChoices {
  /** Also the claims, which hold the members' data. Undefined: a person is asked, if one is there; else they are kept. */
  readonly data?: boolean | undefined;
  /** Data is removed without a question. */
  readonly yes?: boolean | undefined;
  readonly prompt?: Prompt | undefined;
  readonly dryRun?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

const TIMEOUT_MS = 120_000;

/** Ends a cluster and waits until it is gone: only what carries its labels, never what has but its names. Idempotent. */
export async function deleteOnKubernetes(
  { config }: KubernetesCluster,
  choices: KubernetesDeleteChoices,
): Promise<KubernetesDeleteReport> {
  const startedAt = performance.now();
  const { dryRun, timeoutMs = TIMEOUT_MS, signal, onStep } = choices;
  const backend = await backendOf(config);
  await using kube = await openClusterKube(config, { onNotice: onStep });
  const { namespace } = kube;
  // Its certificates may be gone already.
  const plan: KubernetesPlan = { config, namespace, tls: undefined };
  const look = { kube, plan, signal };
  onStep?.(`looking at namespace ${namespace} of ${kube.context}`);
  const [objects, claims] = await Promise.all([ownObjects(backend.kinds, look), ownObjects(backend.dataKinds, look)]);
  const doomed = objects.length === 0 ? [] : await doomedClaims(kube, backend, plan, signal);
  if (doomed.length > 0 && dryRun !== true) await mustLoseData(config.name, doomed.length, choices);
  const isInPods = objects.length > 0 && config.kubernetes.storage.kind === 'emptyDir';
  if (isInPods && dryRun !== true) await mustLosePods(config.name, choices);
  const removesData = claims.length > 0 && (await mayRemoveData(config.name, claims, choices));
  if (dryRun !== true) {
    const waiting = { namespace, timeoutMs, signal, onStep };
    if (objects.length > 0) onStep?.(`removing ${objects.length} objects`);
    // Also without objects: pods of a deletion that was cut off may be ending still.
    await removeObjects(kube, objects, { ...waiting, pods: ownPodLabels(backend, plan) });
    if (removesData) {
      onStep?.(`removing ${claims.length} claims`);
      // Read again: claims of a cluster that was just being made may have come since.
      await removeObjects(kube, await ownObjects(backend.dataKinds, look), waiting);
    }
  }
  const result = dryRun === true ? 'would remove' : 'removed';
  const elsewhere = dataElsewhere(plan);
  return {
    cluster: config.name,
    backend: config.backend === 'operator' ? 'operator' : 'statefulset',
    namespace,
    context: kube.context,
    objects: [
      ...objects.map(named(result)),
      ...doomed.map(named(result)),
      ...claims.map(named(removesData ? result : 'kept')),
    ],
    notes: [
      ...(claims.length > 0 && !removesData
        ? [`${claims.length} claims with its data are kept; harness:delete ${config.name} --data removes them`]
        : []),
      ...(elsewhere !== undefined ? [`its data in ${elsewhere} stays: nothing but a member can reach it`] : []),
    ],
    ok: true,
    ms: Math.round(performance.now() - startedAt),
  };
}

/** Claims that go with the objects that own them. */
async function doomedClaims(kube: Kube, backend: KubernetesBackend, plan: KubernetesPlan, signal?: AbortSignal) {
  const labels = backend.doomedClaims?.(plan);
  if (labels === undefined) return [];
  const query = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: plan.namespace, labels };
  const found = await kube.list(query, { signal });
  return found.map((claim) => ({ ...claim, kind: query.kind, apiVersion: query.apiVersion }) as ClusterObject);
}

/** Throws InputError unless somebody has said, or says now, that the data may go. */
async function mustLoseData(cluster: string, claims: number, choices: KubernetesDeleteChoices): Promise<void> {
  const { data, yes, prompt } = choices;
  const what = `the data of cluster ${cluster}, in ${claims} claims, goes with it: its operator removes them`;
  const isAsked = data === true || (data === undefined && yes !== true && prompt !== undefined);
  if (isAsked && (await askFirst(what, 'Remove the cluster with its data?', choices))) return;
  throw new InputError(what, { hint: 'nothing was touched; --data removes both' });
}

/** Throws InputError unless somebody has said, or says now, that data that is kept in pods may go with them. */
async function mustLosePods(cluster: string, choices: KubernetesDeleteChoices): Promise<void> {
  const what = `the data of cluster ${cluster}, which its pods keep, would be lost`;
  if (await askFirst(what, 'Remove the cluster with its data?', choices)) return;
  throw new InputError(what, { hint: 'nothing was touched' });
}

async function mayRemoveData(
  cluster: string,
  claims: readonly ClusterObject[],
  choices: KubernetesDeleteChoices,
): Promise<boolean> {
  const { data, yes, prompt, dryRun } = choices;
  if (data === false) return false;
  if (dryRun === true) return data === true;
  // Only who can be asked is asked about what wasn't said.
  if (data === undefined && (prompt === undefined || yes === true)) return false;
  const what = `the data of cluster ${cluster}, in ${claims.length} claims, would be lost`;
  return askFirst(what, 'Remove the data too?', choices);
}

function named(result: DeletedObject['result']) {
  return ({ kind, metadata }: ClusterObject): DeletedObject => ({ kind, name: metadata.name, result });
}
