import type { Backend, ClusterConfig, Inventory, KubernetesConfig } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import { pickCluster } from './cluster-access.ts';
import {
  LOCAL_CLUSTER,
  listLocalClusters,
  localClusterDir,
  newLocalCluster,
  readLocalCluster,
} from './local-cluster.ts';

/** Which cluster a user means. */
export interface WantedCluster {
  readonly inventory: Inventory | undefined;
  readonly name?: string | undefined;
  /** `local`: a cluster on this machine that needs no inventory. */
  readonly backend?: Backend | undefined;
}

/** A cluster on Kubernetes: a StatefulSet of ours, or one that an operator makes. */
export interface KubernetesCluster {
  readonly kind: 'kubernetes';
  readonly config: ClusterConfig & { readonly kubernetes: KubernetesConfig };
  readonly inventory: Inventory;
}

/** A cluster whose members are processes that etcdperf starts itself. */
export type ProcessCluster = Exclude<FoundCluster, KubernetesCluster>;

export type FoundCluster =
  /** Described by the inventory, on its hosts. */
  | { readonly kind: 'hosts'; readonly config: ClusterConfig; readonly inventory: Inventory }
  /** On this machine, in a folder of its own. */
  | { readonly kind: 'local'; readonly config: ClusterConfig; readonly dir: string }
  | KubernetesCluster;

/**
 * The cluster that is meant: the inventory's, else one that was deployed on this machine. Throws InputError where there
 * is none, telling which there are.
 */
export async function findCluster(question: WantedCluster): Promise<FoundCluster> {
  const { inventory, name, backend } = question;
  const described = inventory !== undefined && inventory.clusters.size > 0;
  if (described && backend !== 'local' && (name === undefined || inventory.clusters.has(name)))
    return fromInventory(inventory, name);
  const local = await listLocalClusters();
  const wanted = name ?? (local.length === 1 ? local[0] : LOCAL_CLUSTER);
  const dir = localClusterDir(wanted!);
  const config = backend === undefined || backend === 'local' ? await readLocalCluster(dir) : undefined;
  if (config !== undefined) return { kind: 'local', config, dir };
  if (described && backend !== 'local') return fromInventory(inventory, name);
  if (name === undefined && local.length > 1) throw new InputError(`which cluster? There are ${local.join(', ')}`);
  throw new InputError(name === undefined ? 'there is no cluster' : `there is no cluster '${name}'`, {
    where: inventory?.path,
    hint:
      local.length > 0
        ? `on this machine there is ${local.join(', ')}`
        : 'describe one in an inventory (--inventory), or make one here: etcdperf harness:deploy --backend local',
  });
}

/** For what is done to processes of ours only. Throws InputError for a cluster on Kubernetes. */
export function requireProcesses(found: FoundCluster): ProcessCluster {
  if (found.kind !== 'kubernetes') return found;
  throw new InputError(`cluster ${found.config.name} is on Kubernetes`, { where: found.inventory.path });
}

/** The same for a deployment, which can also make a new cluster on this machine. */
export async function findOrPlanCluster(
  question: WantedCluster & { readonly members?: number | undefined; readonly version?: string | undefined },
): Promise<FoundCluster> {
  const { inventory, name, backend, members, version } = question;
  if (backend !== 'local') {
    if (members !== undefined)
      throw new InputError('the inventory says which members a cluster has', {
        where: '--members',
        hint: 'with --backend local the number can be given',
      });
    const found = await findCluster(question);
    if (version !== undefined && version !== found.config.version)
      throw new InputError(`the cluster's version is ${found.config.version}`, {
        where: '--etcd-version',
        hint: 'change it where the cluster is described',
      });
    return found;
  }
  const described = name === undefined ? undefined : inventory?.clusters.get(name);
  if (described !== undefined && described.backend !== 'local')
    throw new InputError(`cluster ${name} is one of backend ${described.backend}`, {
      where: inventory?.path,
      hint: 'give another name',
    });
  const wanted = name ?? LOCAL_CLUSTER;
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(wanted))
    throw new InputError(`'${wanted}' can't be a cluster's name`, { hint: 'lower-case letters, digits and -' });
  const dir = localClusterDir(wanted);
  const existing = (await readLocalCluster(dir)) ?? described;
  if (existing === undefined)
    return { kind: 'local', dir, config: await newLocalCluster({ name: wanted, members, version }) };
  if (members !== undefined && members !== existing.members.length)
    throw new InputError(`cluster ${wanted} is there, with ${existing.members.length} members`, {
      where: '--members',
      hint: `make it anew (etcdperf harness:delete ${wanted}), or give another name`,
    });
  return { kind: 'local', dir, config: version === undefined ? existing : { ...existing, version } };
}

function fromInventory(inventory: Inventory, name: string | undefined): FoundCluster {
  const config = pickCluster(inventory, name);
  const { kubernetes } = config;
  if (kubernetes !== undefined) return { kind: 'kubernetes', config: { ...config, kubernetes }, inventory };
  return config.backend === 'local'
    ? { kind: 'local', config, dir: localClusterDir(config.name) }
    : { kind: 'hosts', config, inventory };
}
