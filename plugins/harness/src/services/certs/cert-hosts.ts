import type { RequiredHosts } from '@etcdperf/core/certs';
import type { FoundCluster } from '@etcdperf/core/etcd';
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

/** All names and addresses that members' certificates for clients are made for, each once. */
export function certificateHosts(found: FoundCluster, surroundings: Surroundings): string[] {
  const { config } = found;
  const { namespace = 'default', more = [] } = surroundings;
  const given = [...(config.kubernetes?.services.vip ?? []), ...(config.endpoints ?? [])].map(hostOf);
  const { client } = serviceNames(config.name);
  const services =
    found.kind === 'kubernetes'
      ? [client, `${client}.${namespace}`, ...domainsOf(namespace).map((domain) => `${client}.${domain}`)]
      : [];
  return [...new Set([...peerHosts(found, surroundings), ...services, ...given, ...more])];
}

/**
 * Those for each other. A member looks its certificate's names up, one after the other, until one leads to the address
 * that a peer comes from: on Kubernetes nothing stands here that can't.
 */
export function peerHosts(found: FoundCluster, { namespace = 'default' }: Surroundings): string[] {
  if (found.kind === 'local') return LOCAL_HOSTS;
  if (found.kind === 'hosts')
    return [...memberHosts(found).flatMap((host) => [host.name, host.address]), ...LOCAL_HOSTS];
  const { headless } = serviceNames(found.config.name);
  return [
    ...domainsOf(namespace).flatMap((domain) => [`*.${headless}.${domain}`, `${headless}.${domain}`]),
    ...LOCAL_HOSTS,
  ];
}

/** The names without which a certificate is useless. */
export function requiredHosts(found: FoundCluster, { namespace = 'default' }: Surroundings): RequiredHosts {
  const { name, members } = found.config;
  if (found.kind === 'kubernetes') {
    const inEither = (host: string) => domainsOf(namespace).map((domain) => `${host}.${domain}`);
    const peer = members.map((member) => inEither(`${member.name}.${name}`));
    return { peer, server: [inEither(serviceNames(name).client), ...peer] };
  }
  const addresses = found.kind === 'local' ? ['127.0.0.1'] : memberHosts(found).map((host) => host.address);
  return { server: addresses, peer: addresses };
}

function domainsOf(namespace: string): string[] {
  return [`${namespace}.svc`, `${namespace}.svc.cluster.local`];
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
