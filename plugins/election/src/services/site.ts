import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { Executor } from '@etcdperf/core/ssh';

/** A host that processes of the election run on. */
export interface ElectionHost {
  /** As the inventory has it; `localhost` for this machine. */
  readonly name: string;
  readonly executor: Executor;
  /** Where etcdperf keeps its things on that host. */
  readonly workDir: string;
}

/** Where an election takes place: the cluster under test, and the hosts. Holds secrets (`access`). */
export interface Site {
  readonly access: ClusterAccess;
  readonly masters: readonly ElectionHost[];
  readonly agents: readonly ElectionHost[];
}

/** Every host once, also where one is in both groups. */
export function hostsOf(site: Pick<Site, 'masters' | 'agents'>): ElectionHost[] {
  return [...new Map([...site.masters, ...site.agents].map((host) => [host.name, host])).values()];
}
