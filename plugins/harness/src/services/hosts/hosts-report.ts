/** Something else that runs where a member runs. */
export interface Companion {
  /** `namespace/pod`, or a process. */
  readonly name: string;
  /** What is known of it: how busy it is, who made it. */
  readonly detail: string;
}

/** A host or node, and what runs there. */
export interface HostView {
  readonly name: string;
  /** Of this cluster. */
  readonly members: readonly string[];
  /** What may disturb them; system pods and those of DaemonSets are not counted. */
  readonly companions: readonly Companion[];
  /** Kubernetes: the cluster that the node's label, and its taint, say it is for. */
  readonly label: string | undefined;
  readonly taint: string | undefined;
  /** Why it could not be looked at. */
  readonly problem: string | undefined;
}

/** One label or taint that was set or taken away (or, in a dry run, would be). */
export interface NodeChange {
  readonly node: string;
  readonly what: 'label' | 'taint';
  readonly action: 'set' | 'removed' | 'unchanged';
}

export interface HostsReport {
  readonly cluster: string;
  readonly backend: string;
  readonly hosts: readonly HostView[];
  readonly changes: readonly NodeChange[];
  readonly isDryRun: boolean;
  /** What to put under `kubernetes:` of the cluster, so that its members, and nothing else, go to those nodes. */
  readonly inventory: string | undefined;
  /** Which members don't run alone, one sentence each. */
  readonly problems: readonly string[];
}

/** Where members are not alone. */
export function sharedHosts(hosts: readonly HostView[]): string[] {
  return hosts.flatMap(({ name, members, companions, problem }) => {
    if (members.length === 0) return [];
    if (problem !== undefined) return [`${name}: ${problem}`];
    const others = companions.map((one) => `${one.name} (${one.detail})`);
    return [
      ...(members.length > 1 ? [`${members.join(', ')} share ${name}`] : []),
      ...(others.length > 0 ? [`${members.join(', ')} on ${name}: beside it ${others.join(', ')}`] : []),
    ];
  });
}
