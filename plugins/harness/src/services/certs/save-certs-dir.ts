import { editInventory, type Inventory, loadInventory } from '@etcdperf/core/config';
import { InputError } from '@etcdperf/core/errors';
import { type FoundCluster, findCluster } from '@etcdperf/core/etcd';

/**
 * Writes into the inventory that a cluster's certificates are made in a directory (beside the inventory, where `dir` is
 * relative), and finds the cluster again. One that has such a directory already stays as it is.
 */
export async function saveCertsDir(
  found: FoundCluster,
  inventory: Inventory | undefined,
  dir: string | undefined,
): Promise<FoundCluster> {
  const { name, tls } = found.config;
  if (tls?.madeIn !== undefined) return found;
  if (inventory?.clusters.has(name) !== true)
    throw new InputError(`cluster ${name} is in no inventory`, { where: '--save', hint: 'describe it in one first' });
  const { path } = inventory;
  if (tls !== undefined)
    throw new InputError(`cluster ${name} has certificates of its own`, {
      where: `${path}: clusters.${name}.tls`,
      hint: 'remove these settings first, if others are to be made',
    });
  await editInventory(path, ['clusters', name, 'tls'], { dir: dir ?? `certs/${name}` });
  return findCluster({ inventory: await loadInventory(path), name });
}
