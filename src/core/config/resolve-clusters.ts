import { join } from 'node:path';
import type { AuthConfig, ClusterConfig, TlsConfig } from './inventory.ts';
import type { FileCluster, InventoryFile } from './inventory-schema.ts';
import type { Reading } from './reading.ts';
import { refusedFlag } from './refused-flags.ts';
import { resolveKubernetes } from './resolve-kubernetes.ts';
import { type KnownHosts, resolveMembers } from './resolve-members.ts';
import type { KeyPath } from './yaml-source.ts';

const CLUSTER_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
export function resolveClusters(
  file: InventoryFile['clusters'],
  known: KnownHosts,
  reading: Reading,
): Map<string, ClusterConfig> {
  return new Map(
    Object.entries(file ?? {}).map(([name, cluster]) => [name, resolveCluster(name, cluster, known, reading)]),
  );
}

function resolveCluster(name: string, file: FileCluster, known: KnownHosts, reading: Reading): ClusterConfig {
  const path = ['clusters', name];
  if (!CLUSTER_NAME.test(name)) {
    const hint = 'lower-case letters, digits and -';
    reading.problem(path, `'${name}' can't be a cluster's name`, { part: 'key', hint });
  }
  for (const flag of Object.keys(file.flags)) {
    const refused = refusedFlag(flag);
    if (refused !== undefined) {
      reading.problem([...path, 'flags', flag], refused.message, { part: 'key', hint: refused.hint });
    }
  }
  const kubernetes = resolveKubernetes(file, path, reading);
  return {
    name,
    backend: file.backend,
    version: file.version.replace(/^v/, ''),
    members: resolveMembers(file, path, known, reading),
    flags: file.flags,
    ...(file.tls === undefined ? {} : { tls: resolveTls(file.tls, [...path, 'tls'], reading) }),
    ...(file.auth === undefined ? {} : { auth: resolveAuth(file.auth, [...path, 'auth'], reading) }),
    ...(file.endpoints === undefined ? {} : { endpoints: file.endpoints }),
    ...(kubernetes === undefined ? {} : { kubernetes }),
  };
}

function resolveTls(tls: NonNullable<FileCluster['tls']>, path: KeyPath, reading: Reading): TlsConfig {
  if ('dir' in tls) return madeTls(reading.path(tls.dir));
  const file = (key: keyof typeof tls) => reading.existingFile([...path, key], tls[key]!);
  if ((tls.clientCert === undefined) !== (tls.clientKey === undefined)) {
    const missing = tls.clientCert === undefined ? 'clientCert' : 'clientKey';
    reading.problem(path, `${missing} is missing: a client's certificate and key go together`, { part: 'key' });
  }
  return {
    caFile: file('ca'),
    certFile: file('cert'),
    keyFile: file('key'),
    ...(tls.clientCa === undefined ? {} : { clientCaFile: file('clientCa') }),
    ...(tls.clientCert === undefined ? {} : { clientCertFile: file('clientCert') }),
    ...(tls.clientKey === undefined ? {} : { clientKeyFile: file('clientKey') }),
  };
}

/** What `harness:certs` puts there. */
function madeTls(dir: string): TlsConfig {
  const file = (name: string) => join(dir, name);
  return {
    madeIn: dir,
    ...{ caFile: file('ca.crt'), clientCaFile: file('ca.crt') },
    ...{ certFile: file('server.crt'), keyFile: file('server.key') },
    ...{ clientCertFile: file('client.crt'), clientKeyFile: file('client.key') },
    ...{ peerCertFile: file('peer.crt'), peerKeyFile: file('peer.key') },
  };
}

function resolveAuth(auth: NonNullable<FileCluster['auth']>, path: KeyPath, reading: Reading): AuthConfig {
  const { user, passwordFile, passwordEnv } = auth;
  if ((passwordFile === undefined) === (passwordEnv === undefined)) {
    const count = passwordFile === undefined ? 'no source' : 'two sources';
    reading.problem(path, `${count} of the password`, { part: 'key', hint: 'give passwordFile or passwordEnv' });
  }
  return {
    user,
    ...(passwordFile === undefined
      ? {}
      : { passwordFile: reading.existingFile([...path, 'passwordFile'], passwordFile) }),
    ...(passwordEnv === undefined ? {} : { passwordEnv }),
  };
}
