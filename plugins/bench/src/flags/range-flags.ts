import { Flags } from '@etcdperf/core/cli';
import { DEFAULT_PREFIX, keyFlags } from './key-flags.ts';
import { consistencyFlag } from './read-flags.ts';

/** As Kubernetes reads, and etcd's own benchmark. */
export const PAGE_KEYS = 10_000;

// --prefix is a switch here, as in etcd's own benchmark.
const { prefix: _prefix, ...keyNumberFlags } = keyFlags;

/** What bench:range reads, and how. */
export const rangeFlags = {
  ...consistencyFlag,
  limit: Flags.integer({
    description: 'at most so many keys a read; else all',
    default: 0,
    min: 0,
    defaultHelp: async () => 'none',
  }),
  'count-only': Flags.boolean({ description: 'only how many keys there are', exclusive: ['keys-only', 'paginate'] }),
  'keys-only': Flags.boolean({ description: 'keys without their values' }),
  prefix: Flags.boolean({ description: 'all keys that begin with KEY; without KEY: all keys' }),
  paginate: Flags.boolean({
    description: `read in pages of ${PAGE_KEYS} keys at one revision; latency is that of all pages`,
    exclusive: ['limit', 'count-only', 'stream'],
  }),
  stream: Flags.boolean({
    description: 'have etcd send the range piece by piece (RangeStream: etcd 3.7 and later)',
    exclusive: ['count-only'],
  }),
  'key-prefix': Flags.string({
    description: '[without KEY] what every key begins with',
    default: DEFAULT_PREFIX,
    helpValue: 'TEXT',
  }),
  ...keyNumberFlags,
};
