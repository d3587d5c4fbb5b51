import { EtcdperfError } from '@etcdperf/core/errors';
import type { ClusterMembers, ProcessMember } from '../members/cluster-members.ts';
import type { ActiveFault } from './fault-spec.ts';
import { endFault, listFaults } from './host-faults.ts';

/** The faults of one host, and what became of them. */
export interface HostFaults {
  readonly host: string;
  readonly faults: readonly (ActiveFault & { readonly undone: 'not asked for' | 'yes' | 'no' })[];
  /** Why the host could not be asked, or a fault not be undone. */
  readonly problem: string | undefined;
}

export interface ActiveFaultsReport {
  readonly cluster: string;
  readonly hosts: readonly HostFaults[];
}

/** The faults that are active in a cluster; with `undo` they are ended. A host that fails stops no other. */
export async function activeFaults(
  cluster: ClusterMembers,
  options: { readonly undo: boolean; readonly signal?: AbortSignal | undefined },
): Promise<ActiveFaultsReport> {
  const { name } = cluster.found.config;
  const processes = cluster.members.filter((member): member is ProcessMember => member.kind === 'process');
  const perHost = new Map(processes.map((member) => [member.plan.host, member]));
  const hosts = await Promise.all(
    [...perHost.values()].map(async ({ plan, site }): Promise<HostFaults> => {
      const faults: HostFaults['faults'][number][] = [];
      try {
        for (const fault of await listFaults(site, options.signal)) {
          if (fault.record.cluster !== name) continue;
          faults.push({ ...fault, undone: options.undo ? 'no' : 'not asked for' });
          if (!options.undo) continue;
          await endFault(site, fault.id);
          faults.splice(-1, 1, { ...fault, undone: 'yes' });
        }
        return { host: plan.host, faults, problem: undefined };
      } catch (error) {
        if (options.signal?.aborted === true || !(error instanceof EtcdperfError)) throw error;
        return { host: plan.host, faults, problem: error.message };
      }
    }),
  );
  return { cluster: name, hosts };
}
