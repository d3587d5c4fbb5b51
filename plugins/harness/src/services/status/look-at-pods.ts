import type { ConnectChoices } from '@etcdperf/core/etcd';
import { backendOf } from '../kubernetes/backend-of.ts';
import { type ClusterMembers, openMembers } from '../members/cluster-members.ts';
import { findPods } from '../members/open-pod-members.ts';
import { podStates } from './pod-states.ts';
import type { PodState } from './status-report.ts';

export interface PodsLook {
  /** Those given, or others where the pods are not the same any more. */
  readonly members: ClusterMembers;
  /** By member. */
  readonly states: ReadonlyMap<string, PodState>;
  readonly problems: readonly string[];
}

/** The pods of a cluster as they are now. Rejects with what the API server refuses. */
export async function lookAtPods(given: ClusterMembers, choices: ConnectChoices): Promise<PodsLook> {
  const { found } = given;
  const [first] = given.members;
  if (found.kind !== 'kubernetes' || first?.kind !== 'pod') return { members: given, states: new Map(), problems: [] };
  const { config } = found;
  const { kube, namespace, container } = first;
  const backend = await backendOf(config);
  const pods = await findPods(kube, backend.podLabels({ config, namespace, tls: undefined }), choices.signal);
  const states = await podStates(kube, pods, container);
  const isSame =
    states.size === given.members.length && given.members.every(({ name, kind }) => kind === 'pod' && states.has(name));
  let members = given;
  if (!isSame && pods.length > 0) {
    members = await openMembers(found, choices);
    await given[Symbol.asyncDispose]();
  }
  const missing = config.members.length - pods.length;
  return {
    members,
    states,
    problems: [
      ...(missing > 0 ? [`${pods.length} of ${config.members.length} members have a pod`] : []),
      ...[...states.values()].flatMap(({ troubles }) => troubles),
    ],
  };
}
