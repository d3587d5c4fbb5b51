import { lastWords } from '@etcdperf/core/etcd';
import {
  type Kube,
  KubeError,
  type KubeEvent,
  type PersistentVolumeClaim,
  type Pod,
  podTroubles,
} from '@etcdperf/core/kube';
import type { Obstacle } from './kubernetes-backend.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';
import { losesDataWithPod } from './statefulset/member-storage.ts';

/** Why a member doesn't become ready. */
export interface MemberTrouble extends Obstacle {
  readonly pod: string;
  /** Waiting will not make it better: somebody has to change something. */
  readonly isFinal: boolean;
  /** Its container runs: it is only not ready yet. */
  readonly isRunning: boolean;
  /** The others know it, and it has no data any more. */
  readonly hasLostData: boolean;
}

/** Waiting reasons of a container that only a change of its pod ends. */
const FINAL_REASONS = new Set(['InvalidImageName', 'ErrImageNeverPull', 'CreateContainerConfigError']);
/** What registries say of images that they don't have, or don't give. */
const NO_SUCH_IMAGE = /not found|manifest unknown|denied|unauthorized|does not exist/i;
/** etcd's words for what another start will not mend. */
/** What the kubelet gives in place of a log that it has no more. */
const NO_LOG = /^unable to retrieve container logs/;
/** Of a member that begins without its data: refused by the others, or (where they could not be asked) ended by raft. */
const LOST_DATA = /has already been bootstrapped|tocommit\(\d+\) is out of range/;
const WILL_NOT_START =
  /permission denied|has already been bootstrapped|tocommit\(\d+\) is out of range|flag provided but not defined|invalid value/;
/** How often a container that ends is started again in vain. */
const CRASHES = 2;
/** Of a member that the official operator adds to those that run: it ends until they have heard of it. */
const JOINERS_CRASHES = 4;
/** After a wrong flag etcd prints its whole usage: what counts stands before. */
const LOG_LINES = 1000;

/** What is wrong with those pods that are not ready, as the cluster itself tells. */
export async function memberTroubles(
  kube: Kube,
  plan: KubernetesPlan,
  pods: readonly Pod[],
  signal?: AbortSignal,
): Promise<MemberTrouble[]> {
  const { namespace } = plan;
  const { operator } = plan.config.kubernetes;
  const isJoining = operator === 'etcd-io';
  const found = await Promise.all(
    pods
      .filter((pod) => !isReady(pod))
      .map(async (pod) => {
        const { name = '', uid } = pod.metadata ?? {};
        const events = await kube.events({ kind: 'Pod', name, namespace, ...(uid && { uid }) }, { signal });
        const said = podTroubles(pod, events);
        const claims = said.length > 0 ? await claimTroubles(kube, pod, namespace, signal) : [];
        const log = crashes(pod) > 0 ? await lastLog(kube, pod, namespace, signal) : undefined;
        // What the claim says is why the scheduler says what it says.
        const own = claims.length > 0 ? said.filter((one) => !one.includes('PersistentVolumeClaims')) : said;
        const reason = [...own, ...claims, ...(log === undefined ? [] : [log])].map((one) => one.trim()).join('\n');
        if (reason === '') return [];
        const trouble: MemberTrouble = {
          pod: name,
          reason: reason.includes(name) ? reason : `${name}: ${reason}`,
          isFinal: isBeyondHope(pod, events, claims, log, isJoining ? JOINERS_CRASHES : CRASHES),
          isRunning: isRunning(pod),
          // What an operator makes, it has to mend itself.
          hasLostData: operator === undefined && log !== undefined && LOST_DATA.test(log) && losesDataWithPod(plan),
          hint: hintFor(reason),
        };
        return [trouble];
      }),
  );
  return found.flat();
}

const UID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** One text for all troubles; members that have the same are told once. */
export function tellTroubles(troubles: readonly MemberTrouble[]): string[] {
  const groups = Map.groupBy(troubles, ({ pod, reason }) => reason.replaceAll(pod, '').replaceAll(UID, ''));
  return [...groups.values()].map(([first, ...more]) => {
    if (more.length === 0) return first!.reason;
    return `${first!.reason}\n(${more.map(({ pod }) => pod).join(', ')}: the same)`;
  });
}

export function isReady({ status, metadata }: Pod): boolean {
  if (metadata?.deletionTimestamp !== undefined) return false;
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

export function restartsOf({ status }: Pod): number {
  return status?.containerStatuses?.reduce((sum, { restartCount }) => sum + restartCount, 0) ?? 0;
}

function isRunning({ status }: Pod): boolean {
  return status?.containerStatuses?.some(({ state }) => state?.running !== undefined) ?? false;
}

/** How often its container ended, where it isn't running now. */
function crashes(pod: Pod): number {
  return isRunning(pod) ? 0 : restartsOf(pod);
}

function isBeyondHope(
  pod: Pod,
  events: readonly KubeEvent[],
  claims: readonly string[],
  log: string | undefined,
  crashLimit: number,
): boolean {
  const waiting = pod.status?.containerStatuses?.map(({ state }) => state?.waiting?.reason ?? '') ?? [];
  if (waiting.some((reason) => FINAL_REASONS.has(reason)) || crashes(pod) >= crashLimit) return true;
  if (log !== undefined && WILL_NOT_START.test(log)) return true;
  if (claims.some((claim) => /storageclass.* not found/i.test(claim))) return true;
  const pulling = waiting.some((reason) => reason === 'ImagePullBackOff' || reason === 'ErrImagePull');
  return pulling && events.some(({ reason, message }) => reason === 'Failed' && NO_SUCH_IMAGE.test(message ?? ''));
}

/** A pod only says that a claim isn't bound; the claim knows why. */
async function claimTroubles(kube: Kube, pod: Pod, namespace: string, signal?: AbortSignal): Promise<string[]> {
  const names = pod.spec?.volumes?.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []) ?? [];
  const told = await Promise.all(
    names.map(async (name) => {
      const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace };
      const claim = await kube.get<PersistentVolumeClaim>(ref, { signal });
      if (claim?.status?.phase !== 'Pending') return [];
      const events = await kube.events(ref, { signal });
      const last = events.at(-1)?.message ?? 'nobody has provided a volume';
      const { storageClassName } = claim.spec ?? {};
      return [`claim ${name}${storageClassName ? ` (class ${storageClassName})` : ''} is not bound: ${last}`];
    }),
  );
  return told.flat();
}

/** What its last container said, or the one before it where that has said nothing yet. */
async function lastLog(kube: Kube, pod: Pod, namespace: string, signal?: AbortSignal): Promise<string | undefined> {
  const ref = { name: pod.metadata?.name ?? '', namespace };
  for (const previous of [false, true]) {
    const lines: string[] = [];
    try {
      for await (const line of kube.logs(ref, { tail: LOG_LINES, previous, signal })) lines.push(line);
    } catch (error) {
      // A container's log may be gone already; what the pod says has to do.
      if (signal?.aborted || !(error instanceof KubeError)) throw error;
    }
    const said = lines.filter((line) => !NO_LOG.test(line));
    if (said.length > 0) return lastWords(said.join('\n'), 3);
  }
  return undefined;
}

function hintFor(reason: string): string | undefined {
  if (LOST_DATA.test(reason)) return 'its data is gone, as with a pod that is replaced (emptyDir); a claim keeps data';
  if (/permission denied/.test(reason))
    return 'the volume belongs to another user: set kubernetes.runAsUser (0 is root) for the cluster';
  if (/is not bound/.test(reason))
    return 'kubectl get storageclass tells which there are; the storage of the cluster names one';
  if (/image/i.test(reason)) return 'check kubernetes.image, version and imagePullSecrets of the cluster';
  if (/nodes are available|unschedulable/i.test(reason))
    return "check the cluster's antiAffinity, nodeSelector, tolerations and resources against the nodes";
  return undefined;
}
