import { endpointUrl } from '@etcdperf/core/etcd';
import type { Pod } from '@etcdperf/core/kube';
import { clientPort, serviceNames } from './client-services.ts';
import { clusterNotes } from './cluster-notes.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';
import type { DeployedObject, DeployedPod, KubernetesDeployReport, KubernetesOutcome } from './kubernetes-report.ts';
import type { Look, LookedAtObject } from './look-at-cluster.ts';
import { isReady, restartsOf } from './member-troubles.ts';
import { objectDiff } from './object-diff.ts';

/** What a deployment has found and done so far. */
export class DeployedState {
  pods: readonly Pod[] = [];
  leader: string | undefined;
  isSurplusRemoved = false;
  readonly look: Look;
  readonly #plan: KubernetesPlan;
  readonly #context: string | undefined;
  readonly #startedAt = performance.now();
  readonly #applied = new Set<LookedAtObject>();

  /** @param look undefined where nobody looked */
  constructor(plan: KubernetesPlan, context: string | undefined, look: Look | undefined) {
    this.#plan = plan;
    this.#context = context;
    this.look = look ?? { objects: [], surplus: [], claims: [], obstacles: [] };
  }

  /** Everything stood as wanted before. */
  get isUnchanged(): boolean {
    return this.look.objects.every(({ kind }) => kind === 'unchanged') && this.look.surplus.length === 0;
  }

  readonly applied = (look: LookedAtObject): void => {
    this.#applied.add(look);
  };

  /** The objects of the cluster that are there now, as `StatefulSet main`. */
  standing(): string[] {
    return this.look.objects
      .filter((look) => this.#applied.has(look) || (look.kind !== 'absent' && look.kind !== 'foreign'))
      .map(({ wanted }) => `${wanted.kind} ${wanted.metadata.name}`);
  }

  report(outcome: KubernetesOutcome): KubernetesDeployReport {
    const { config, namespace, tls } = this.#plan;
    const host = `${serviceNames(config.name).client}.${namespace}.svc`;
    return {
      cluster: config.name,
      backend: config.backend === 'operator' ? 'operator' : 'statefulset',
      version: config.version,
      namespace,
      context: this.#context,
      outcome,
      objects: this.#objects(outcome),
      members: this.pods.map(podOf).sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
      endpoints: [endpointUrl(tls !== undefined, host, clientPort(this.#plan))],
      leader: this.leader,
      notes: outcome.kind === 'refused' ? [] : clusterNotes(this.#plan, this.look),
      ms: Math.round(performance.now() - this.#startedAt),
    };
  }

  #objects({ kind }: KubernetesOutcome): DeployedObject[] {
    // What failed or was interrupted tells what it did, all others what they did or would do.
    const isCutShort = kind === 'failed' || kind === 'interrupted';
    const isTold = (look: LookedAtObject) => !isCutShort || look.kind === 'unchanged' || this.#applied.has(look);
    const surplus = isCutShort && !this.isSurplusRemoved ? [] : this.look.surplus;
    return [
      ...this.look.objects.filter(isTold).map(deployedObject),
      ...surplus.map(({ kind, metadata }) => ({ kind, name: metadata.name, action: 'removed' }) as const),
    ];
  }
}

function deployedObject(look: LookedAtObject): DeployedObject {
  const { kind, metadata } = look.wanted;
  const named = { kind, name: metadata.name };
  switch (look.kind) {
    case 'absent':
      return { ...named, action: 'created' };
    case 'changed': {
      const { standing, preview, consequence } = look;
      return { ...named, action: 'changed', diff: objectDiff(standing, preview), ...(consequence && { consequence }) };
    }
    case 'foreign':
    case 'unchanged':
      return { ...named, action: look.kind };
    default:
      return look satisfies never;
  }
}

function podOf(pod: Pod): DeployedPod {
  return { name: pod.metadata?.name ?? '', node: pod.spec?.nodeName, ready: isReady(pod), restarts: restartsOf(pod) };
}
