import { serviceNames } from '../client-services.ts';
import type { KubernetesPlan } from '../kubernetes-plan.ts';
import { memberPorts } from './member-ports.ts';

/** Where things are in a member's container. */
export const PATHS = { volume: '/var/lib/etcd', data: '/var/lib/etcd/data', tls: '/etc/etcd/tls' } as const;

/**
 * What etcd is started with: the same for all members, told apart by the pod's name, which Kubernetes puts in for
 * `$(POD_NAME)` (the official images have no shell that could). Members find each other by names that outlive pods.
 */
export function etcdArguments(plan: KubernetesPlan): string[] {
  const { config, namespace, tls } = plan;
  const ports = memberPorts(plan);
  const scheme = tls === undefined ? 'http' : 'https';
  const domain = memberDomain(plan);
  const peerUrl = (member: string) => peerUrlOf(plan, member);
  const { 'listen-metrics-urls': alsoMetrics, ...flags } = config.flags;
  const all: Record<string, string | number | boolean> = {
    name: '$(POD_NAME)',
    'data-dir': PATHS.data,
    'listen-client-urls': `${scheme}://0.0.0.0:${ports.client}`,
    'advertise-client-urls': `${scheme}://$(POD_NAME).${domain}:${ports.client}`,
    'listen-peer-urls': `${scheme}://0.0.0.0:${ports.peer}`,
    'initial-advertise-peer-urls': peerUrl('$(POD_NAME)'),
    'initial-cluster': config.members.map(({ name }) => `${name}=${peerUrl(name)}`).join(','),
    'initial-cluster-state': 'new',
    'initial-cluster-token': `${namespace}-${config.name}`,
    'listen-metrics-urls': [alsoMetrics, `http://0.0.0.0:${ports.metrics}`].filter(Boolean).join(','),
    ...(tls !== undefined && {
      ...{ 'cert-file': `${PATHS.tls}/server/server.crt`, 'key-file': `${PATHS.tls}/server/server.key` },
      ...{ 'peer-cert-file': `${PATHS.tls}/peer/peer.crt`, 'peer-key-file': `${PATHS.tls}/peer/peer.key` },
      'peer-trusted-ca-file': `${PATHS.tls}/peer/peer-ca.crt`,
    }),
    ...(tls?.clientCa !== undefined && {
      'trusted-ca-file': `${PATHS.tls}/server/server-ca.crt`,
      ...{ 'client-cert-auth': true, 'peer-client-cert-auth': true },
    }),
    ...flags,
  };
  return Object.entries(all).map(([flag, value]) => `--${flag}=${escaped(flag, String(value))}`);
}

/** Where the other members reach one. */
export function peerUrlOf(
  plan: Pick<KubernetesPlan, 'config' | 'namespace'> & { readonly tls: object | undefined },
  member: string,
): string {
  return `${plan.tls === undefined ? 'http' : 'https'}://${member}.${memberDomain(plan)}:${memberPorts(plan).peer}`;
}

/** `<member>.<this>` is a member's name inside Kubernetes; it needs no knowledge of the cluster's domain. */
function memberDomain({ config, namespace }: Pick<KubernetesPlan, 'config' | 'namespace'>): string {
  return `${serviceNames(config.name).headless}.${namespace}.svc`;
}

/** What users write is meant as it stands: Kubernetes makes `$(` of `$$(`. */
function escaped(flag: string, value: string): string {
  return OWN_VARIABLE.has(flag) ? value : value.replaceAll('$(', '$$$$(');
}

const OWN_VARIABLE = new Set(['name', 'advertise-client-urls', 'initial-advertise-peer-urls']);
