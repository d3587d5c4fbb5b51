import type { Inventory } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import {
  type ClientTls,
  type ClusterAccess,
  clusterAccess,
  clusterCredentials,
  pickCluster,
} from './cluster-access.ts';
import { parseEndpoints } from './endpoint-url.ts';
import { LOCAL_CLUSTER, localClusterDir, planLocalCluster, readLocalCluster } from './local-cluster.ts';
import { requireOwnCertificate } from './require-certificates.ts';

/** Which cluster a user means. What is given here goes before what the inventory says. */
export interface ClusterQuestion {
  readonly inventory: Inventory | undefined;
  /** A cluster's name in the inventory, or of a local one. */
  readonly cluster?: string | undefined;
  /** A cluster that the inventory need not have: comma-separated URLs. */
  readonly endpoints?: string | undefined;
  readonly tls?: ClientTls | undefined;
  readonly auth?: ClusterAccess['auth'] | undefined;
  readonly dialTimeoutMs?: number | undefined;
}

/**
 * Endpoints, TLS files and login of the cluster that is meant; undefined where none is named, the inventory has none
 * and none runs on this machine. Throws InputError for what does not exist or contradicts itself.
 */
export async function findClusterAccess(question: ClusterQuestion): Promise<ClusterAccess | undefined> {
  const { inventory, cluster, endpoints, tls, auth, dialTimeoutMs } = question;
  const given = { ...(tls && { tls }), ...(auth && { auth }), ...(dialTimeoutMs !== undefined && { dialTimeoutMs }) };
  if (endpoints !== undefined) {
    const named = inventory !== undefined && cluster !== undefined ? await described(inventory, question) : undefined;
    const access = { ...named, ...given };
    return { ...access, endpoints: oneScheme(parseEndpoints(endpoints, access.tls === undefined ? 'http' : 'https')) };
  }
  if (inventory !== undefined) return { ...(await described(inventory, question)), ...given };
  const name = cluster ?? LOCAL_CLUSTER;
  const dir = localClusterDir(name);
  const config = await readLocalCluster(dir);
  if (config !== undefined) {
    const members = planLocalCluster(config, dir).members;
    return { endpoints: members.map((member) => member.clientUrl), ...(await clusterCredentials(config)), ...given };
  }
  if (cluster === undefined) return undefined;
  throw new InputError(`there is no local cluster '${cluster}'`, { where: '--cluster' });
}

/** A certificate of ours that has had its time is told by its file, before members refuse it without a word of it. */
async function described(inventory: Inventory, { cluster, tls }: ClusterQuestion): Promise<ClusterAccess> {
  if (tls === undefined) await requireOwnCertificate(pickCluster(inventory, cluster));
  return clusterAccess(inventory, cluster);
}

/** The members of a cluster speak TLS or they don't: a mixture is a slip that would measure two things as one. */
function oneScheme(endpoints: readonly string[]): readonly string[] {
  const plain = endpoints.find((endpoint) => endpoint.startsWith('http:'));
  const secure = endpoints.find((endpoint) => endpoint.startsWith('https:'));
  if (plain === undefined || secure === undefined) return endpoints;
  throw new InputError(`the endpoints mix TLS and plain text: ${secure} and ${plain}`, {
    where: '--endpoints',
    hint: 'give all of them as https:// or all as http://',
  });
}
