import { EtcdperfError, InputError } from '@etcdperf/core/errors';
import { type KubernetesCluster, requireCertificates } from '@etcdperf/core/etcd';
import type { Kube } from '@etcdperf/core/kube';
import type { Prompt } from '@etcdperf/core/ssh';
import { requiredHosts } from '../certs/cert-hosts.ts';
import { applyChanges } from './apply-changes.ts';
import { askFirst } from './ask-first.ts';
import { backendOf } from './backend-of.ts';
import { clusterHealth } from './cluster-health.ts';
import { DeployedState } from './deployed-state.ts';
import { hideSecrets } from './hide-secrets.ts';
import type { KubernetesBackend, Obstacle } from './kubernetes-backend.ts';
import { type KubernetesPlan, planKubernetes } from './kubernetes-plan.ts';
import type { KubernetesDeployReport, KubernetesOutcome } from './kubernetes-report.ts';
import { type Look, lookAtCluster } from './look-at-cluster.ts';
import { openClusterKube } from './open-cluster-kube.ts';
import { removeObjects } from './remove-objects.ts';
import { memberPods, settleMembers } from './settle-members.ts';
import { stalePods } from './statefulset/stale-pods.ts';

export interface KubernetesDeployChoices {
  /** Only what would be applied. */
  readonly dryRun?: boolean | undefined;
  /** Only what would change. */
  readonly diff?: boolean | undefined;
  /** Members may be made anew without a question. */
  readonly yes?: boolean | undefined;
  readonly prompt?: Prompt | undefined;
  readonly timeoutMs?: number | undefined;
  /** How long a trouble that could pass may last. */
  readonly patienceMs?: number | undefined;
  /** How long an API server that goes away is waited for. */
  readonly serverPatienceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

const TIMEOUT_MS = 300_000;
const PATIENCE_MS = 20_000;

/**
 * Brings a cluster on Kubernetes to the state that the inventory describes: looks first, and where anything is in the
 * way touches nothing. What was applied stays when it fails or is interrupted; deploying again goes on from there.
 */
export async function deployOnKubernetes(
  found: KubernetesCluster,
  choices: KubernetesDeployChoices,
): Promise<KubernetesDeployReport> {
  const { config } = found;
  const { signal, onStep } = choices;
  const backend = await backendOf(config);
  if (choices.dryRun === true && choices.diff !== true) return dryRun(found, backend);
  await using kube = await openClusterKube(config, { onNotice: onStep, patienceMs: choices.serverPatienceMs });
  const plan = await planKubernetes(config, kube.namespace);
  await requireCertificates(config, requiredHosts(found, plan));
  onStep?.(`looking at namespace ${plan.namespace} of ${kube.context}`);
  const look = await lookAtCluster({ kube, backend, plan, signal });
  const state = new DeployedState(plan, kube.context, look);
  const inTheWay = whatIsInTheWay(look);
  if (inTheWay !== undefined) return state.report({ kind: 'refused', ...inTheWay });
  if (choices.diff === true) return state.report({ kind: 'planned' });
  const asked = whatAsks(look);
  if (asked !== undefined && !(await askFirst(`cluster ${config.name}: ${asked}`, 'Go on?', choices)))
    return state.report({ kind: 'refused', reason: `nothing was changed: ${asked}` });
  try {
    const outcome = await bringAbout(found, kube, backend, plan, state, choices);
    state.pods = await memberPods(kube, backend, plan);
    return state.report(outcome);
  } catch (error) {
    if (signal?.aborted) return state.report(interrupted(config.name, state));
    if (!(error instanceof EtcdperfError) || error instanceof InputError) throw error;
    const where = error.where === undefined ? '' : ` (${error.where})`;
    return state.report({ kind: 'failed', reason: `${error.message}${where}`, hint: error.hint });
  }
}

async function bringAbout(
  found: KubernetesCluster,
  kube: Kube,
  backend: KubernetesBackend,
  plan: KubernetesPlan,
  state: DeployedState,
  choices: KubernetesDeployChoices,
): Promise<KubernetesOutcome> {
  const { timeoutMs = TIMEOUT_MS, patienceMs = PATIENCE_MS, signal, onStep } = choices;
  const { look } = state;
  const isReady =
    state.isUnchanged &&
    (await backend.readiness(kube, plan, signal)).done &&
    stalePods(plan, await memberPods(kube, backend, plan)).length === 0;
  const onApplied = state.applied;
  await applyChanges(kube, backend, plan, look.objects, { timeoutMs, signal, onStep, onApplied });
  if (look.surplus.length > 0)
    await removeObjects(kube, look.surplus, { namespace: plan.namespace, timeoutMs, signal, onStep });
  state.isSurplusRemoved = true;
  const waiting = { timeoutMs, patienceMs, signal, onStep };
  const obstacle = isReady ? undefined : await settleMembers(found, kube, backend, plan, waiting);
  if (obstacle !== undefined) return { kind: 'failed', reason: obstacle.reason, hint: obstacle.hint };
  onStep?.('asking etcd for its health');
  state.leader = await clusterHealth(found, { timeoutMs, signal, onStep });
  return { kind: isReady ? 'unchanged' : 'deployed' };
}

/** What would be applied. Nobody is asked, where the inventory says which namespace is meant. */
async function dryRun(found: KubernetesCluster, backend: KubernetesBackend): Promise<KubernetesDeployReport> {
  const { config } = found;
  let { namespace, context } = config.kubernetes;
  if (namespace === undefined) {
    await using kube = await openClusterKube(config);
    ({ namespace, context } = kube);
  }
  const plan = await planKubernetes(config, namespace);
  const manifests = backend.clusterObjects(plan).map(hideSecrets);
  return { ...new DeployedState(plan, context, undefined).report({ kind: 'planned' }), manifests };
}

/** Everything that is in the way, in one: a user mends all of it at once. */
function whatIsInTheWay({ objects, obstacles }: Look): Obstacle | undefined {
  const foreign = objects.flatMap((one): Obstacle[] => {
    if (one.kind !== 'foreign') return [];
    const { kind, metadata } = one.wanted;
    const reason = `there is a ${kind} ${metadata.name} already that etcdperf did not make for this cluster`;
    return [{ reason, hint: 'give the cluster another name or namespace, or remove it yourself' }];
  });
  const impossible = objects.flatMap((one): Obstacle[] =>
    one.kind === 'changed' && one.consequence?.kind === 'impossible' ? [one.consequence] : [],
  );
  const all = [...foreign, ...obstacles, ...impossible];
  if (all.length === 0) return undefined;
  const reasons = [...new Set(all.map(({ reason }) => reason))];
  const hints = [...new Set(all.flatMap(({ hint }) => hint ?? []))];
  return { reason: reasons.join('\n'), ...(hints.length > 0 && { hint: hints.join('; ') }) };
}

function whatAsks({ objects }: Look): string | undefined {
  const reasons = objects.flatMap((one) =>
    one.kind === 'changed' && one.consequence?.kind === 'asks' ? [one.consequence.reason] : [],
  );
  return reasons.length === 0 ? undefined : reasons.join('\n');
}

function interrupted(cluster: string, state: DeployedState): KubernetesOutcome {
  const stands = state.standing();
  return {
    kind: 'interrupted',
    reason: stands.length === 0 ? 'nothing was touched' : `what stands: ${stands.join(', ')}`,
    hint: `go on: etcdperf harness:deploy ${cluster}; clean up: etcdperf harness:delete ${cluster}`,
  };
}
