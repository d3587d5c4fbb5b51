import {
  Args,
  type ClusterFlagValues,
  clusterAccessFrom,
  clusterFlags,
  findInventory,
  hostFlags,
} from '@etcdperf/core/cli';
import type { Subject } from '../services/subject.ts';

export const subjectArgs = {
  cluster: Args.string({ description: "the cluster's name; needed where the inventory has several" }),
};

const { cluster: _, 'dial-timeout': __, ...reaching } = clusterFlags;

/** Which cluster a command means. See `subjectFrom`. */
export const subjectFlags = {
  inventory: hostFlags.inventory,
  'accept-new': hostFlags['accept-new'],
  ...reaching,
};

/**
 * With `--endpoints` what answers there, else the cluster of that name. Throws InputError where there is none, or where
 * a file can't be read.
 */
export async function subjectFrom(
  name: string | undefined,
  flags: ClusterFlagValues & { readonly inventory?: string | undefined },
  signal: AbortSignal,
): Promise<Subject> {
  if (flags.endpoints !== undefined) {
    const inventory = name === undefined ? undefined : await findInventory(flags);
    return { kind: 'at', access: await clusterAccessFrom({ ...flags, cluster: name }, inventory, signal) };
  }
  const { findCluster } = await import('@etcdperf/core/etcd');
  const inventory = await findInventory(flags);
  return { kind: 'found', found: await findCluster({ inventory, name }), inventory };
}
