import {
  type ClusterAccess,
  type ClusterPlan,
  type ConnectChoices,
  type FoundCluster,
  type MemberPlan,
  type MemberSite,
  openClusterHosts,
  type ProcessCluster,
} from '@etcdperf/core/etcd';
import type { Kube } from '@etcdperf/core/kube';

/** One etcd server that stands, and the way to what it runs in. */
export type ClusterMember = ProcessMember | PodMember;

/** A member that etcdperf runs as a process, on a host or on this machine. */
export interface ProcessMember {
  readonly kind: 'process';
  readonly name: string;
  /** Where this machine reaches it. */
  readonly clientUrl: string;
  readonly plan: MemberPlan;
  readonly site: MemberSite;
}

/** A member in a pod. */
export interface PodMember {
  readonly kind: 'pod';
  readonly name: string;
  /** Where this machine reaches it: a forwarded port. */
  readonly clientUrl: string;
  readonly kube: Kube;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Undefined while it is not scheduled. */
  readonly node: string | undefined;
}

/** A cluster's members with the way to each. Hosts are not connected to, and ports not forwarded, before the first use. */
export interface ClusterMembers extends AsyncDisposable {
  readonly found: FoundCluster;
  /** Its endpoints are the members' `clientUrl`s, in their order. */
  readonly access: ClusterAccess;
  readonly members: readonly ClusterMember[];
  /** Backends `local` and `hosts`. */
  readonly plan: ClusterPlan | undefined;
}

/**
 * Throws InputError where the cluster's files can't be read or its Kubernetes can't be found, OperationError where the
 * API server refuses or there are no pods.
 */
export async function openMembers(found: FoundCluster, choices: ConnectChoices = {}): Promise<ClusterMembers> {
  if (found.kind !== 'kubernetes') return openProcessMembers(found, choices);
  const { openPodMembers } = await import('./open-pod-members.ts');
  return openPodMembers(found, choices);
}

async function openProcessMembers(found: ProcessCluster, choices: ConnectChoices): Promise<ClusterMembers> {
  const hosts = await openClusterHosts(found, choices);
  const members = hosts.plan.members.map((plan): ProcessMember => {
    const { name, clientUrl, host } = plan;
    return { kind: 'process', name, clientUrl, plan, site: hosts.site(host) };
  });
  return {
    found,
    members,
    ...{ access: hosts.access, plan: hosts.plan },
    [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
  };
}
