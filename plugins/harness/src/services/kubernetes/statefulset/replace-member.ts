import { setTimeout as sleep } from 'node:timers/promises';
import { EtcdperfError } from '@etcdperf/core/errors';
import { type ControlClient, type KubernetesCluster, type MemberInfo, openCluster } from '@etcdperf/core/etcd';
import { type Kube, openKube, type Pod } from '@etcdperf/core/kube';
import { openMembers } from '../../members/cluster-members.ts';
import { setClusterState } from './cluster-state.ts';
import { peerUrlOf } from './etcd-arguments.ts';

export interface ReplaceChoices {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

/**
 * etcd changes its members only while all others have been connected for five seconds, and doesn't answer while they elect
 * a new leader for one that was replaced.
 */
const PATIENCE_MS = 30_000;
const TRY_AGAIN_MS = 500;

/**
 * Has a member begin anew whose data goes, or went, with its pod: its membership is replaced by a new one, and its pod by
 * one that joins. All others keep the data. Resolves when the new pod is there. Throws OperationError where etcd doesn't
 * agree, as without a quorum.
 */
export async function replaceMember(
  found: KubernetesCluster,
  member: string,
  { timeoutMs, signal, onStep }: ReplaceChoices,
): Promise<void> {
  const { config } = found;
  const { kubeconfigFile, context, namespace } = config.kubernetes;
  await using kube = await openKube({ kubeconfigFile, context, namespace });
  const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: config.name, namespace: kube.namespace };
  onStep?.(`${member} joins anew`);
  // Pods of this template are made only when one is removed (OnDelete).
  await setClusterState(kube, set, 'existing', signal);
  try {
    await renewMembership(found, member, peerUrlOf({ config, namespace: kube.namespace, tls: config.tls }, member), {
      deadline: Date.now() + Math.min(timeoutMs, PATIENCE_MS),
      signal,
    });
    await renewPod(kube, member, timeoutMs, signal);
  } finally {
    // A pod that is lost later must not take itself for one that was let in.
    await setClusterState(kube, set, 'new');
  }
}

async function renewMembership(
  found: KubernetesCluster,
  member: string,
  peerUrl: string,
  { deadline, signal }: { readonly deadline: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  await using cluster = await openMembers(found, { signal });
  // Its own endpoint would be asked about its own end.
  const endpoints = cluster.members.filter(({ name }) => name !== member).map(({ clientUrl }) => clientUrl);
  using client = openCluster({ ...cluster.access, endpoints });
  for (;;) {
    try {
      if (await isRenewed(client, peerUrl)) return;
    } catch (error) {
      if (signal?.aborted || !(error instanceof EtcdperfError) || Date.now() >= deadline) throw error;
      await sleep(TRY_AGAIN_MS, undefined, { signal });
    }
  }
}

/** One step on the way, whichever were made before. */
async function isRenewed(client: ControlClient, peerUrl: string): Promise<boolean> {
  const standing = (await client.members()).find(({ peerUrls }: MemberInfo) => peerUrls.includes(peerUrl));
  // Without a name it has not started yet.
  if (standing?.name === '') return true;
  if (standing === undefined) await client.addMember([peerUrl]);
  else await client.removeMember(standing.id);
  return false;
}

async function renewPod(kube: Kube, name: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Pod', name };
  const uid = (await kube.get<Pod>(ref, { signal }))?.metadata?.uid;
  if (uid !== undefined) await kube.remove(ref, { uid, graceSeconds: 3, signal });
  await kube.waitUntil<Pod, true>(
    { apiVersion: 'v1', kind: 'Pod', fields: { 'metadata.name': name } },
    (pods) => {
      const now = pods.get(name)?.metadata?.uid;
      return now !== undefined && now !== uid ? { done: true } : `pod ${name} to be made anew`;
    },
    { timeoutMs, signal },
  );
}
