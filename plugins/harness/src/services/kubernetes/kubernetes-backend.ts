import type { Kube } from '@etcdperf/core/kube';
import type { ClusterObject } from './cluster-object.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';

/**
 * One way in which clusters are made on Kubernetes. It holds all that differs between a StatefulSet of ours and what the
 * operators make; deploying, showing, waiting and deleting are the same for all.
 */
export interface KubernetesBackend {
  /** As in `a StatefulSet`, `an EtcdCluster of coreos' operator`. */
  readonly title: string;
  /**
   * All objects that a cluster is made of, in the order in which they are applied, complete with `clusterMeta` and
   * without what the API server fills in. Pure.
   */
  clusterObjects(plan: KubernetesPlan): readonly ClusterObject[];
  /**
   * What clusters of this backend may have been made of, in the order in which it is removed. Of these kinds, what
   * carries the cluster's label and is not wanted any more is removed by a deployment.
   */
  readonly kinds: readonly ObjectKind[];
  /** Kinds that hold members' data: only removed with the data, after everything else. Most have PersistentVolumeClaim. */
  readonly dataKinds: readonly ObjectKind[];
  /** Labels of claims that belong to what makes the members, and end with it whatever is said of data. */
  doomedClaims?(plan: KubernetesPlan): Readonly<Record<string, string>>;
  /** The claims that its members will take by name, whoever made them. */
  claimNames?(plan: KubernetesPlan): readonly string[];
  /** Labels by which the members' pods (and their claims, where the claims carry them) are found. */
  podLabels(plan: KubernetesPlan): Readonly<Record<string, string>>;
  /** The container of a pod that etcd runs in. */
  readonly container: string;
  /** What it needs to be allowed beside `COMMON_RULES`. */
  readonly rules: readonly AccessRule[];
  /** What has to be there before anything can be applied: a CRD, an operator that runs. One sentence with a hint each. */
  obstacles?(kube: Kube, plan: KubernetesPlan, signal?: AbortSignal): Promise<readonly Obstacle[]>;
  /**
   * What applying `wanted` over `standing` (an object of ours that differs from it) would do to the members. Undefined:
   * nothing. `wanted` is what a server-side dry run made of it, or where that was refused, as `clusterObjects` gave it.
   * Pure.
   */
  consequence(standing: ClusterObject, wanted: ClusterObject, plan: KubernetesPlan): Consequence | undefined;
  /** How far the members are. Asked whenever a pod has changed and about once a second. */
  readiness(kube: Kube, plan: KubernetesPlan, signal?: AbortSignal): Promise<Readiness>;
}

/** A kind of object, as the API has it. */
export interface ObjectKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** Has no namespace. */
  readonly clusterWide?: boolean;
}

/** One rule of the Role (or, `clusterWide`, ClusterRole) that deploying and looking after clusters needs. */
export interface AccessRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly clusterWide?: boolean;
}

export interface Obstacle {
  readonly reason: string;
  readonly hint?: string | undefined;
}

export type Consequence =
  /** Its members are restarted, one after the other. */
  | { readonly kind: 'restarts'; readonly reason: string }
  /**
   * Asked first (`--yes`): members are made anew, or lose data. `anew`: the object and all its pods are removed before
   * the wanted one is applied; else it is applied over it.
   */
  | { readonly kind: 'asks'; readonly reason: string; readonly anew?: boolean }
  /** Can't be done in place at all. */
  | { readonly kind: 'impossible'; readonly reason: string; readonly hint: string };

/** How far a cluster's members are, as its controller tells. */
export interface Readiness {
  readonly ready: number;
  readonly wanted: number;
  /** All are ready, in the wanted version and with the wanted settings; nothing is being rolled out any more. */
  readonly done: boolean;
  /** What is awaited, as it stands in a progress line: `2 of 3 members are ready`. */
  readonly awaited: string;
  /** Why waiting longer is of no use. */
  readonly hopeless?: Obstacle | undefined;
}
