import { InputError } from '@etcdperf/core/errors';
import type { KubernetesCluster } from '@etcdperf/core/etcd';
import { type Kube, KubeError, type KubeNode, openKube, type Pod } from '@etcdperf/core/kube';
import { backendOf } from '../kubernetes/backend-of.ts';
import { findPods } from '../members/open-pod-members.ts';
import type { Companion, HostsReport, HostView, NodeChange } from './hosts-report.ts';
import { sharedHosts } from './hosts-report.ts';

/** Label and taint of nodes that are for one cluster only; the value is the cluster's name. */
export const DEDICATED = 'etcdperf.io/dedicated';
const EFFECT = 'NoSchedule';
const MOST_TRIES = 5;

export interface NodeChoices {
  /** Which nodes are to be dedicated. Default: those that members run on. */
  readonly nodes?: readonly string[] | undefined;
  readonly label: boolean;
  readonly taint: boolean;
  /** Take label and taint of this cluster away. */
  readonly remove: boolean;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks at all nodes, and dedicates some to the cluster or gives them back. Throws InputError, before anything is
 * changed, for a node that there is none of or that is dedicated to another cluster.
 */
export async function lookAtNodes(found: KubernetesCluster, choices: NodeChoices): Promise<HostsReport> {
  const { config } = found;
  const { kubeconfigFile, context, namespace } = config.kubernetes;
  const { signal } = choices;
  await using kube = await openKube({ kubeconfigFile, context, namespace, signal });
  const backend = await backendOf(config);
  const plan = { config, namespace: kube.namespace, tls: undefined };
  const [nodes, pods, members] = await Promise.all([
    kube.list<KubeNode>({ apiVersion: 'v1', kind: 'Node' }, { signal }),
    kube.list<Pod>({ apiVersion: 'v1', kind: 'Pod', namespace: '*' }, { signal }),
    findPods(kube, backend.podLabels(plan), signal),
  ]);
  const changes = await changeNodes(kube, config.name, nodes, members, choices);
  const now =
    changes.length === 0 || choices.dryRun
      ? nodes
      : await kube.list<KubeNode>({ apiVersion: 'v1', kind: 'Node' }, { signal });
  const hosts = now.map((node) => viewOf(node, pods, members));
  return {
    cluster: config.name,
    backend: config.backend,
    hosts,
    changes,
    isDryRun: choices.dryRun,
    inventory: choices.label || choices.taint ? inventoryText(config.name, choices) : undefined,
    problems: sharedHosts(hosts),
  };
}

async function changeNodes(
  kube: Kube,
  cluster: string,
  nodes: readonly KubeNode[],
  members: readonly Pod[],
  choices: NodeChoices,
): Promise<NodeChange[]> {
  if (!choices.label && !choices.taint && !choices.remove) return [];
  const chosen = chooseNodes(cluster, nodes, members, choices);
  const changes: NodeChange[] = [];
  for (const node of chosen) {
    choices.signal?.throwIfAborted();
    changes.push(...(await changeNode(kube, cluster, node, choices)));
  }
  return changes;
}

/** Kubelets and controllers write to nodes too: what was planned for an older version is planned anew. */
async function changeNode(kube: Kube, cluster: string, read: KubeNode, choices: NodeChoices): Promise<NodeChange[]> {
  const { dryRun, signal } = choices;
  const ref = { apiVersion: 'v1', kind: 'Node', name: nameOf(read) };
  let node = read;
  for (let tries = 1; ; tries += 1) {
    const { patch, done } = planChange(cluster, node, choices);
    if (dryRun || done.every(({ action }) => action === 'unchanged')) return done;
    try {
      await kube.merge(ref, patch, { signal });
      return done;
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 409 || tries === MOST_TRIES) throw error;
      node = (await kube.get<KubeNode>(ref, { signal })) ?? node;
    }
  }
}

function chooseNodes(cluster: string, nodes: readonly KubeNode[], members: readonly Pod[], choices: NodeChoices) {
  const ours = nodes.filter((node) => labelOf(node) === cluster || taintOf(node) === cluster);
  const names =
    choices.nodes ??
    (choices.remove ? ours.map(nameOf) : [...new Set(members.flatMap(({ spec }) => spec?.nodeName ?? []))]);
  if (names.length === 0 && !choices.remove)
    throw new InputError('which nodes?', {
      where: '--nodes',
      hint: `give --nodes a,b,c; there are ${nodes.map(nameOf).join(', ')}`,
    });
  return names.map((name) => {
    const node = nodes.find((one) => nameOf(one) === name);
    if (node === undefined)
      throw new InputError(`there is no node '${name}'`, {
        where: '--nodes',
        hint: `there are ${nodes.map(nameOf).join(', ')}`,
      });
    const other = [labelOf(node), taintOf(node)].find((value) => value !== undefined && value !== cluster);
    if (other !== undefined && !choices.remove)
      throw new InputError(`node ${name} is dedicated to cluster ${other}`, {
        where: '--nodes',
        hint: `harness:hosts ${other} --remove --nodes ${name} gives it back`,
      });
    return node;
  });
}

/** A list is replaced as a whole: the version that was read goes along, so that nobody's taint gets lost. */
function planChange(cluster: string, node: KubeNode, { label, taint, remove }: NodeChoices) {
  const done: NodeChange[] = [];
  const name = nameOf(node);
  const taints = node.spec?.taints ?? [];
  const isOurs = (one: { key: string; value?: string }) => one.key === DEDICATED && one.value === cluster;
  let labels: Record<string, string | null> | undefined;
  let newTaints: typeof taints | undefined;
  if (remove) {
    const has = { label: labelOf(node) === cluster, taint: taints.some(isOurs) };
    if (has.label) labels = { [DEDICATED]: null };
    if (has.taint) newTaints = taints.filter((one) => !isOurs(one));
    for (const what of ['label', 'taint'] as const)
      done.push({ node: name, what, action: has[what] ? 'removed' : 'unchanged' });
  } else {
    if (label) {
      const isNew = labelOf(node) !== cluster;
      if (isNew) labels = { [DEDICATED]: cluster };
      done.push({ node: name, what: 'label', action: isNew ? 'set' : 'unchanged' });
    }
    if (taint) {
      const isNew = !taints.some(isOurs);
      if (isNew) newTaints = [...taints, { key: DEDICATED, value: cluster, effect: EFFECT }];
      done.push({ node: name, what: 'taint', action: isNew ? 'set' : 'unchanged' });
    }
  }
  const patch = {
    metadata: { resourceVersion: node.metadata?.resourceVersion, ...(labels && { labels }) },
    ...(newTaints && { spec: { taints: newTaints } }),
  };
  return { patch, done };
}

function viewOf(node: KubeNode, pods: readonly Pod[], members: readonly Pod[]): HostView {
  const name = nameOf(node);
  const uids = new Set(members.map(({ metadata }) => metadata?.uid));
  const here = pods.filter(({ spec, status }) => spec?.nodeName === name && !hasEnded(status?.phase));
  return {
    name,
    members: here.filter(({ metadata }) => uids.has(metadata?.uid)).map(({ metadata }) => metadata?.name ?? ''),
    companions: here.filter((pod) => !uids.has(pod.metadata?.uid) && !isSystem(pod)).map(companionOf),
    label: labelOf(node),
    taint: taintOf(node),
    problem: undefined,
  };
}

function hasEnded(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** What every node has: pods of DaemonSets, of the node itself (static ones), and Kubernetes' own. */
function isSystem({ metadata }: Pod): boolean {
  const owners = metadata?.ownerReferences ?? [];
  return metadata?.namespace === 'kube-system' || owners.some(({ kind }) => kind === 'DaemonSet' || kind === 'Node');
}

function companionOf({ metadata }: Pod): Companion {
  const [owner] = metadata?.ownerReferences ?? [];
  const detail = owner === undefined ? 'a pod of its own' : `of ${owner.kind} ${owner.name}`;
  return { name: `${metadata?.namespace}/${metadata?.name}`, detail };
}

function nameOf(node: KubeNode): string {
  return node.metadata?.name ?? '';
}

function labelOf(node: KubeNode): string | undefined {
  return node.metadata?.labels?.[DEDICATED];
}

function taintOf(node: KubeNode): string | undefined {
  return node.spec?.taints?.find(({ key }) => key === DEDICATED)?.value;
}

function inventoryText(cluster: string, { label, taint }: NodeChoices): string {
  return [
    'kubernetes:',
    ...(label ? [`  nodeSelector: { ${DEDICATED}: ${cluster} }`] : []),
    ...(taint ? [`  tolerations: [{ key: ${DEDICATED}, operator: Equal, value: ${cluster}, effect: ${EFFECT} }]`] : []),
    '  antiAffinity: required',
  ].join('\n');
}
