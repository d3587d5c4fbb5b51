import { readFile } from 'node:fs/promises';
import { InputError } from '@etcdperf/core/errors';
import { type ClientTls, type ClusterStatus, clusterStatus, parseEndpoints } from '@etcdperf/core/etcd';
import type { FoundCluster } from './find-cluster.ts';
import { type ConnectChoices, openClusterHosts } from './open-cluster-hosts.ts';

/** A deployed cluster: etcd and its hosts are asked. */
export async function statusOf(found: FoundCluster, choices: ConnectChoices): Promise<ClusterStatus> {
  await using hosts = await openClusterHosts(found, choices);
  return clusterStatus({ access: hosts.access, deployed: hosts, signal: choices.signal });
}

/** Any cluster that answers at these endpoints. */
export async function statusAt(
  endpoints: string,
  files: { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined },
  signal: AbortSignal,
): Promise<ClusterStatus> {
  const tls: ClientTls = {
    ...(files.ca !== undefined && { ca: await readFlagFile('--cacert', files.ca) }),
    ...(files.cert !== undefined && { cert: await readFlagFile('--cert', files.cert) }),
    ...(files.key !== undefined && { key: await readFlagFile('--key', files.key) }),
  };
  return clusterStatus({ access: { endpoints: parseEndpoints(endpoints), tls }, signal });
}

async function readFlagFile(flag: string, file: string): Promise<Buffer> {
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(`can't read ${file}: ${cause.code}`, { where: flag, cause });
  });
}
