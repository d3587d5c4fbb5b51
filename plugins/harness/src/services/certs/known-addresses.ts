import { EtcdperfError } from '@etcdperf/core/errors';
import type { KubernetesCluster } from '@etcdperf/core/etcd';
import type { Kube, KubeNode, Service } from '@etcdperf/core/kube';
import { serviceNames } from '../kubernetes/client-services.ts';

/** Addresses that clients outside of Kubernetes use. */
export interface KnownAddresses {
  readonly addresses: readonly string[];
  /** Why there may be more. */
  readonly notes: readonly string[];
}

/**
 * Those of the nodes where the cluster has a node port, and the load balancer's where it has got one. What can't be asked
 * is noted, not failed: the user may name addresses too.
 */
export async function knownAddresses(
  { config }: KubernetesCluster,
  kube: Kube,
  signal: AbortSignal | undefined,
): Promise<KnownAddresses> {
  const { services, namespace } = config.kubernetes;
  const notes: string[] = [];
  const ask = async (what: string, question: () => Promise<readonly string[]>) => {
    try {
      return await question();
    } catch (error) {
      if (signal?.aborted || !(error instanceof EtcdperfError)) throw error;
      notes.push(`${what} are not known, and not in the certificates: ${error.message}. --host adds them`);
      return [];
    }
  };
  const ofNodes = async () => {
    const nodes = await kube.list<KubeNode>({ apiVersion: 'v1', kind: 'Node' }, { signal });
    return nodes.flatMap((node) => node.status?.addresses?.map(({ address }) => address) ?? []);
  };
  const ofBalancer = async () => {
    const name = serviceNames(config.name).loadBalancer;
    const service = await kube.get<Service>({ apiVersion: 'v1', kind: 'Service', name, namespace }, { signal });
    const ways = service?.status?.loadBalancer?.ingress ?? [];
    return ways.flatMap(({ ip, hostname }) => [ip, hostname].filter((one) => one !== undefined));
  };
  const addresses = [
    ...(services.nodePort === undefined ? [] : await ask("the nodes' addresses", ofNodes)),
    ...(services.loadBalancer === undefined ? [] : await ask("the load balancer's addresses", ofBalancer)),
  ];
  return { addresses, notes };
}
