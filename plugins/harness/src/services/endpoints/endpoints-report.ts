/** A way to a cluster, before it was tried. */
export interface Way {
  readonly kind: WayKind;
  /** What it leads to or through: a member, a node, a service, a name that the user gave. */
  readonly through: string;
  readonly url: string;
}

/** In the order in which they are preferred: first those that lead to one member each and stay as they are. */
export const WAY_KINDS = [
  /** A member's own address. */
  'member',
  /** A member's name in the DNS of Kubernetes. */
  'member-dns',
  /** A port of each node. */
  'node-port',
  /** A name or address that the user has pointed at the cluster. */
  'vip',
  'load-balancer',
  /** The name of the service for clients inside Kubernetes. */
  'service-dns',
  'cluster-ip',
  /** A pod's address: another one whenever the pod is made anew. */
  'pod',
  /** What the inventory says and nothing else leads to. */
  'saved',
  /** A port of this machine that is there while a command of etcdperf runs. */
  'forward',
] as const;

export type WayKind = (typeof WAY_KINDS)[number];

export interface TriedWay extends Way {
  readonly result:
    | {
        readonly kind: 'works';
        /** The member that answered. */
        readonly member: string;
        /** Of one linearizable read. */
        readonly readMs: number;
      }
    | { readonly kind: 'fails'; readonly reason: string };
}

export interface EndpointsReport {
  readonly cluster: string | undefined;
  /** In the order of `WAY_KINDS`. */
  readonly ways: readonly TriedWay[];
  /** What clients on this machine should use; empty where nothing that lasts works. */
  readonly chosen: readonly string[];
  readonly saved:
    | { readonly kind: 'not asked' }
    /** `changed`: the inventory said something else before. */
    | { readonly kind: 'saved'; readonly file: string; readonly changed: boolean }
    | { readonly kind: 'nothing to save' };
  readonly notes: readonly string[];
}
