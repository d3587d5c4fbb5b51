import * as Flags from '@oclif/core/flags';

/** Which inventory a command works on. See `requireInventory`. */
export const inventoryFlags = {
  inventory: Flags.string({
    char: 'i',
    description: 'the file that lists hosts, groups and clusters; else ./etcdperf.yaml, else the running lab',
    env: 'ETCDPERF_INVENTORY',
    helpValue: 'FILE',
  }),
};

/** For commands that work on many hosts at once. */
export const hostFlags = {
  ...inventoryFlags,
  limit: Flags.string({
    char: 'l',
    description: "only these hosts: names, groups, globs, ranges, '!' excludes (e.g. 'etcd,!node3', 'node[1-3]')",
    helpValue: 'PATTERN',
  }),
  forks: Flags.integer({
    char: 'f',
    description: 'how many hosts are worked on at once',
    default: 64,
    min: 1,
    max: 1024,
  }),
  'accept-new': Flags.boolean({ description: 'accept and remember host keys that are not known yet' }),
};

export const dryRunFlag = {
  'dry-run': Flags.boolean({ description: 'show what would be done, touch nothing' }),
};
