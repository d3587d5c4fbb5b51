import type { Inventory } from '@etcdperf/core/config';
import { InputError } from '@etcdperf/core/errors';
import { type ConnectChoices, findCluster } from '@etcdperf/core/etcd';
import { type ClusterMembers, openMembers } from '../members/cluster-members.ts';

/** A cluster, and another one that it is looked at beside. */
export interface OpenedClusters extends AsyncDisposable {
  readonly clusters: readonly ClusterMembers[];
  readonly names: readonly string[];
  /** `cluster/member` where there are two clusters, else the member's own. */
  readonly memberNames: readonly string[];
}

/** Throws InputError for a cluster that there is none of, and for one that is to be its own neighbour. */
export async function openClusters(
  question: {
    readonly inventory: Inventory | undefined;
    readonly name: string | undefined;
    readonly neighbour: string | undefined;
  },
  choices: ConnectChoices,
): Promise<OpenedClusters> {
  const { inventory, name, neighbour } = question;
  const found = [await findCluster({ inventory, name })];
  if (neighbour !== undefined) found.push(await findCluster({ inventory, name: neighbour }));
  const names = found.map(({ config }) => config.name);
  if (names[0] === names[1])
    throw new InputError(`cluster ${names[0]} is no neighbour of itself`, { where: '--neighbour' });
  const clusters: ClusterMembers[] = [];
  const close = async () => {
    await Promise.all(clusters.map((cluster) => cluster[Symbol.asyncDispose]()));
  };
  try {
    for (const one of found) clusters.push(await openMembers(one, choices));
  } catch (error) {
    await close();
    throw error;
  }
  const memberNames = clusters.flatMap(({ found: { config }, members }) =>
    members.map((member) => (clusters.length > 1 ? `${config.name}/${member.name}` : member.name)),
  );
  return { clusters, names, memberNames, [Symbol.asyncDispose]: close };
}
