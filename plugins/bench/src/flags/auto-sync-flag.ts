import { durationOrZeroFlag } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { Target } from '@etcdperf/core/etcd';

/** Whether the load follows the cluster's members. */
export const autoSyncFlag = {
  'auto-sync-interval': durationOrZeroFlag({
    description:
      'ask for the member list so often, and connect to the client URLs that it has from then on: they must be reachable from here; 0: stay with the endpoints',
    helpGroup: 'CLUSTER',
    default: 0,
    defaultHelp: async () => '0',
  }),
};

/** The interval in ms; 0: never. Throws InputError for a target, which says otherwise where the load goes. */
export function autoSyncMsFrom(flags: { readonly 'auto-sync-interval': number }, target: Target): number {
  const intervalMs = flags['auto-sync-interval'];
  if (intervalMs > 0 && target.kind !== 'all')
    throw new InputError('with --auto-sync-interval the load goes to all members, with --target to some: give one', {
      where: '--auto-sync-interval, --target',
    });
  return intervalMs;
}
