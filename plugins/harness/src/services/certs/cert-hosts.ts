import type { RequiredHost } from '@etcdperf/core/certs';
import type { ClusterConfig } from '@etcdperf/core/config';
import type { FoundCluster } from '../find-cluster.ts';
import { serviceNames } from '../kubernetes/client-services.ts';

/** Whatever runs on a machine reaches it so. */
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '::1'];

/** What only the cluster's surroundings know. */
export interface Surroundings {
  /** Kubernetes only. */
  readonly namespace?: string | undefined;
  /** Names and addresses beside those that the settings say: of nodes, load balancers, and what a user adds. */
  readonly more?: readonly string[] | undefined;
}

/** All names and addresses that members' certificates are made for, each once. */
export function certificateHosts(found: FoundCluster, { namespace = 'default', more = [] }: Surroundings): string[] {
  const own = found.kind === 'kubernetes' ? kubernetesHosts(found.config, namespace) : machineHosts(found);
  const { services } = found.config.kubernetes ?? {};
  const given = [...(services?.vip ?? []), ...(found.config.endpoints ?? [])].map(hostOf);
  return [...new Set([...own, ...given, ...more, ...LOCAL_HOSTS])];
}

/** The names that members are reached at by each other and by clients: without these a certificate is useless. */
export function requiredHosts(found: FoundCluster, { namespace = 'default' }: Surroundings): RequiredHost[] {
  const { name, members } = found.config;
  if (found.kind === 'local') return ['127.0.0.1'];
  if (found.kind === 'hosts') return memberHosts(found).map((host) => host.address);
  const names = [`${name}-client.${namespace}.svc`, ...members.map((one) => `${one.name}.${name}.${namespace}.svc`)];
  return names.map((one) => [one, `${one}.cluster.local`]);
}

function kubernetesHosts({ name }: ClusterConfig, namespace: string): string[] {
  const { client, headless } = serviceNames(name);
  const domains = [`${namespace}.svc`, `${namespace}.svc.cluster.local`];
  return [
    ...domains.flatMap((domain) => [`*.${headless}.${domain}`, `${headless}.${domain}`]),
    ...[client, `${client}.${namespace}`, ...domains.map((domain) => `${client}.${domain}`)],
  ];
}

function machineHosts(found: Exclude<FoundCluster, { kind: 'kubernetes' }>): string[] {
  if (found.kind === 'local') return [];
  return memberHosts(found).flatMap((host) => [host.name, host.address]);
}

function memberHosts({ config, inventory }: Extract<FoundCluster, { kind: 'hosts' }>) {
  return inventory.hosts.filter((host) => config.members.some((member) => member.host === host.name));
}

/** Of `https://name:2379`, `name:2379` and `[::1]:2379`. */
function hostOf(endpoint: string): string {
  const address = endpoint.replace(/^[a-z+]+:\/\//, '').replace(/\/.*$/, '');
  const bracketed = /^\[([^\]]+)\]/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  return (address.match(/:/g)?.length ?? 0) > 1 ? address : address.replace(/:\d+$/, '');
}
