import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { ClusterConfig } from '../config/index.ts';
import { endpointUrl } from './endpoint-url.ts';

/** One etcd server to be, with everything settled that doesn't need a look at its host. */
export interface MemberPlan {
  readonly name: string;
  /** The host's name; `localhost` for the local backend. */
  readonly host: string;
  readonly address: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly clientUrl: string;
  readonly peerUrl: string;
  readonly dataDir: string;
  /** Where its certificate files go on its host. */
  readonly tlsDir: string;
  /** The name that core/daemon knows it by. */
  readonly daemon: string;
}

export interface ClusterPlan {
  readonly config: ClusterConfig;
  /** Tells clusters of one name apart: made from the members and their peer URLs, as etcd's own cluster id is. */
  readonly identity: string;
  readonly secure: boolean;
  readonly members: readonly MemberPlan[];
}

/** Where members run. */
export interface Placement {
  /** A member's host and its address, which members and clients reach it at. */
  readonly hostOf: (member: string) => { readonly name: string; readonly address: string };
  /** The work directory on those hosts. */
  readonly workDir: string;
}

export function planCluster(config: ClusterConfig, placement: Placement): ClusterPlan {
  const secure = config.tls !== undefined;
  const members = config.members.map((member): MemberPlan => {
    const { name: host, address } = placement.hostOf(member.name);
    const { name, clientPort, peerPort } = member;
    return {
      name,
      host,
      address,
      clientPort,
      peerPort,
      clientUrl: endpointUrl(secure, address, clientPort),
      peerUrl: endpointUrl(secure, address, peerPort),
      dataDir: member.dataDir ?? `${placement.workDir}/etcd/${config.name}/${name}`,
      tlsDir: `${placement.workDir}/tls/${config.name}/${name}`,
      daemon: daemonName(config.name, name),
    };
  });
  return { config, secure, members, identity: identityOf(config.name, members) };
}

/** All daemons of a cluster have names that begin so. */
export function daemonPrefix(cluster: string): string {
  return `etcd.${cluster}.`;
}

/** Members may have capitals and underscores where daemons can't: such names get a mark that keeps them apart. */
function daemonName(cluster: string, member: string): string {
  const plain = member.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
  return daemonPrefix(cluster) + (plain === member ? plain : `${plain}-${hashOf(member).slice(0, 6)}`);
}

function identityOf(cluster: string, members: readonly MemberPlan[]): string {
  const lines = members.map((member) => `${member.name}=${member.peerUrl}`).sort();
  return hashOf([cluster, ...lines].join('\n')).slice(0, 16);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The flags that a member is started with, by name, without dashes: static bootstrap, addresses, TLS files, and the
 * cluster's own. Members listen on their address only; where that is a name, which etcd can't bind, on all of them.
 */
export function memberFlags(plan: ClusterPlan, member: MemberPlan): Record<string, string> {
  const { tls, flags } = plan.config;
  const listen = isIP(member.address) === 0 ? '0.0.0.0' : member.address;
  const file = (name: string) => `${member.tlsDir}/${name}`;
  const ownPeer = tls?.peerCertFile !== undefined && tls.peerKeyFile !== undefined;
  return {
    name: member.name,
    'data-dir': member.dataDir,
    'listen-client-urls': endpointUrl(plan.secure, listen, member.clientPort),
    'advertise-client-urls': member.clientUrl,
    'listen-peer-urls': endpointUrl(plan.secure, listen, member.peerPort),
    'initial-advertise-peer-urls': member.peerUrl,
    'initial-cluster': plan.members.map((one) => `${one.name}=${one.peerUrl}`).join(','),
    'initial-cluster-state': 'new',
    'initial-cluster-token': `${plan.config.name}-${plan.identity}`,
    ...(tls !== undefined && {
      'cert-file': file('cert.pem'),
      'key-file': file('key.pem'),
      'peer-cert-file': file(ownPeer ? 'peer-cert.pem' : 'cert.pem'),
      'peer-key-file': file(ownPeer ? 'peer-key.pem' : 'key.pem'),
      'peer-trusted-ca-file': file('ca.pem'),
    }),
    ...(tls?.clientCaFile !== undefined && {
      'trusted-ca-file': file('client-ca.pem'),
      'client-cert-auth': 'true',
    }),
    ...((tls?.clientCaFile !== undefined || ownPeer) && { 'peer-client-cert-auth': 'true' }),
    ...Object.fromEntries(Object.entries(flags).map(([flag, value]) => [flag, String(value)])),
  };
}

/** Flags as arguments: `--name=value`, the only form that etcd takes for its booleans too. */
export function memberArgv(binary: string, flags: Readonly<Record<string, string>>): string[] {
  return [binary, ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)];
}
