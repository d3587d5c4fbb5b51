import type { AccessCheck } from '@etcdperf/core/kube';
import type { ClusterObject } from './cluster-object.ts';
import type { Consequence } from './kubernetes-backend.ts';

/** What a deployment did, or would do, with one object. */
export interface DeployedObject {
  readonly kind: string;
  readonly name: string;
  /** `foreign`: its name is taken by something that is not this cluster's; never touched. `removed`: wanted no more. */
  readonly action: 'created' | 'changed' | 'unchanged' | 'removed' | 'foreign';
  /** What changes, as lines of YAML that begin with `+`, `-` or a blank; secrets hidden. */
  readonly diff?: readonly string[];
  /** What the change means for the members. */
  readonly consequence?: Consequence;
}

export interface DeployedPod {
  readonly name: string;
  /** Undefined while it is not scheduled. */
  readonly node: string | undefined;
  readonly ready: boolean;
  readonly restarts: number;
}

export type KubernetesOutcome =
  /** Of `--diff` and `--dry-run`: the actions are what would be done. */
  | { readonly kind: 'planned' }
  | { readonly kind: 'unchanged' | 'deployed' }
  /** Nothing was touched. */
  | { readonly kind: 'refused'; readonly reason: string; readonly hint?: string | undefined }
  /** What was applied stands. */
  | { readonly kind: 'failed' | 'interrupted'; readonly reason: string; readonly hint?: string | undefined };

export interface KubernetesDeployReport {
  readonly cluster: string;
  readonly backend: 'statefulset' | 'operator';
  readonly version: string;
  readonly namespace: string;
  /** Of the kubeconfig; undefined for a dry run that needed none. */
  readonly context: string | undefined;
  readonly outcome: KubernetesOutcome;
  readonly objects: readonly DeployedObject[];
  /** Of a dry run: what would be applied, secrets hidden. */
  readonly manifests?: readonly ClusterObject[];
  readonly members: readonly DeployedPod[];
  /** Where clients inside Kubernetes reach it. */
  readonly endpoints: readonly string[];
  /** The name of the member that leads. */
  readonly leader: string | undefined;
  /** What a user should know about the cluster as it is. */
  readonly notes: readonly string[];
  readonly ms: number;
}

/** What `--check-access` found. */
export interface AccessReport {
  readonly cluster: string;
  readonly context: string;
  readonly namespace: string;
  readonly checked: number;
  readonly denied: readonly AccessCheck[];
  /** A Role (and ClusterRole, where it needs one) that allows everything. */
  readonly roles: readonly ClusterObject[];
}

export interface DeletedObject {
  readonly kind: string;
  readonly name: string;
  readonly result: 'removed' | 'would remove' | 'kept' | 'foreign';
}

export interface KubernetesDeleteReport {
  readonly cluster: string;
  readonly backend: 'statefulset' | 'operator';
  readonly namespace: string;
  readonly context: string;
  readonly objects: readonly DeletedObject[];
  readonly notes: readonly string[];
  readonly ok: boolean;
  readonly ms: number;
}
