import { dryRunFlag, Flags, hostFlags } from '@etcdperf/core/cli';

export const restoreFlags = {
  inventory: hostFlags.inventory,
  'accept-new': hostFlags['accept-new'],
  force: Flags.boolean({ description: 'set aside data that is there: it stays in <dataDir>.before-restore-<time>' }),
  stop: Flags.boolean({ description: 'stop the members that run' }),
  'skip-hash-check': Flags.boolean({
    description: "take a file without a checksum: a copy of a member's own database",
  }),
  start: Flags.boolean({ description: 'start the cluster afterwards', default: true, allowNo: true }),
  timeout: Flags.integer({
    description: 'seconds that the cluster may take to become healthy (default 60)',
    helpValue: 'S',
    min: 1,
  }),
  ...dryRunFlag,
};
