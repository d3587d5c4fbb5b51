import type { FoundCluster } from '@etcdperf/core/etcd';
import type { Kube } from '@etcdperf/core/kube';
import { CertFolder } from './cert-folder.ts';
import { certificateHosts, peerHosts } from './cert-hosts.ts';
import { knownAddresses } from './known-addresses.ts';
import type { CertsPlan } from './make-certs.ts';

export interface PlannedCerts {
  readonly plan: CertsPlan;
  /** What the names may lack. */
  readonly notes: readonly string[];
}

export interface PlanCertsChoices {
  /** The directory they are made in. */
  readonly dir: string;
  readonly days: number;
  /** Further names and addresses for members' certificates. */
  readonly hosts?: readonly string[] | undefined;
  /** Kubernetes only. */
  readonly namespace?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Settles what a cluster's certificates are to say. `kube` is asked for addresses, where there is one. */
export async function planCerts(
  found: FoundCluster,
  kube: Kube | undefined,
  { dir, days, hosts = [], namespace, signal }: PlanCertsChoices,
): Promise<PlannedCerts> {
  const known =
    found.kind === 'kubernetes' && kube !== undefined
      ? await knownAddresses(found, kube, signal)
      : { addresses: [], notes: [] };
  return {
    plan: {
      cluster: found.config.name,
      folder: new CertFolder(dir),
      hosts: certificateHosts(found, { namespace, more: [...known.addresses, ...hosts] }),
      peerHosts: peerHosts(found, { namespace }),
      clientUser: found.config.auth?.user ?? 'root',
      days,
    },
    notes: known.notes,
  };
}
