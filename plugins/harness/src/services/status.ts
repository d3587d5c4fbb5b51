import { readFile } from 'node:fs/promises';
import { InputError, InterruptedError } from '@etcdperf/core/errors';
import { type ClientTls, type ClusterStatus, clusterStatus, parseEndpoints } from '@etcdperf/core/etcd';
import { type FoundCluster, requireProcesses } from './find-cluster.ts';
import { type ConnectChoices, openClusterHosts } from './open-cluster-hosts.ts';

/** A deployed cluster: etcd and its hosts are asked. A host that doesn't answer soon holds nothing up. */
export async function statusOf(cluster: FoundCluster, choices: ConnectChoices): Promise<ClusterStatus> {
  const found = requireProcesses(cluster);
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, ...(choices.signal === undefined ? [] : [choices.signal])]);
  await using hosts = await openClusterHosts(found, { ...choices, signal });
  try {
    return await clusterStatus({ access: hosts.access, deployed: hosts, signal: choices.signal });
  } finally {
    // Ends connecting to hosts that are down, so that closing doesn't wait for it.
    done.abort(new InterruptedError());
  }
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
