/** Who is connected to a cluster's members. */
export interface ConnectionsReport {
  readonly cluster: string | undefined;
  readonly members: readonly MemberConnections[];
  /** Most connections first. Only of members whose connections can be seen. */
  readonly clients: readonly Client[];
  readonly notes: readonly string[];
}

export interface MemberConnections {
  readonly name: string;
  readonly endpoint: string;
  /** Established by clients; ours and the member's own are left out. */
  readonly connections:
    | { readonly kind: 'seen'; readonly count: number }
    | { readonly kind: 'hidden'; readonly reason: string };
  /** Undefined where its metrics can't be had. */
  readonly usage: MemberUsage | undefined;
  /** Why there is no usage. */
  readonly problem: string | undefined;
}

/** What a member's metrics tell of its clients, all of them together. */
export interface MemberUsage {
  /** Open now. A client has one watch stream for many watchers; etcd's own HTTP gateway counts too. */
  readonly watchStreams: number;
  readonly leaseStreams: number;
  readonly watchers: number | undefined;
  readonly openFiles: number | undefined;
  /** Answered since it began, most first: `Range`, `Put`, `Txn`, … */
  readonly requests: readonly { readonly method: string; readonly count: number }[];
  /** Which versions of etcd's API clients say they speak; `unknown` for those that don't say. */
  readonly apiVersions: readonly { readonly version: string; readonly requests: number }[];
}

/** One address that clients connect from. */
export interface Client {
  readonly address: string;
  /** The host or pod that has it, where that is known. */
  readonly name: string | undefined;
  /** Connections by member. */
  readonly connections: Readonly<Record<string, number>>;
  readonly total: number;
}
