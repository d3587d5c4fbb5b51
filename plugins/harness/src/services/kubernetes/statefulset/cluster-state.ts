import { OperationError } from '@etcdperf/core/errors';
import type { Kube, ObjectRef, StatefulSet } from '@etcdperf/core/kube';

const FLAG = '--initial-cluster-state=';

/** Whether pods made from now on found a cluster or join one. Pods that are there are not touched. */
export async function setClusterState(
  kube: Kube,
  ref: ObjectRef,
  state: 'new' | 'existing',
  signal?: AbortSignal,
): Promise<void> {
  const set = await kube.get<StatefulSet>(ref, { signal });
  const containers = set?.spec?.template.spec?.containers;
  if (set?.spec?.updateStrategy?.type !== 'OnDelete' || containers === undefined)
    throw new OperationError(`StatefulSet ${ref.name} is not one whose pods hold their data`, { where: kube.context });
  const changed = containers.map((one) => ({ ...one, args: withState(one.args, state) }));
  await kube.merge(ref, { spec: { template: { spec: { containers: changed } } } }, { signal });
}

/** Arguments of etcd with this state. */
export function withState(args: readonly string[] = [], state: 'new' | 'existing'): string[] {
  return args.map((arg) => (arg.startsWith(FLAG) ? `${FLAG}${state}` : arg));
}
