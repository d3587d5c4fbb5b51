import { Flags } from '@etcdperf/core/cli';
import { rateFlag, streamsFlag, watchFlags, watchKeyFlags, watchValueFlags } from './watch-flags.ts';

/** How many watch, which keys, and how these are written. */
export const watchedKeysFlags = {
  ...watchFlags,
  ...rateFlag('put', '0'),
  ...streamsFlag(10),
  'watch-per-stream': Flags.integer({
    description: 'watchers on each stream',
    default: 100,
    min: 1,
    helpValue: 'WATCHERS',
  }),
  'watched-key-total': Flags.integer({
    description: 'how many keys are watched, in turn, and written, in turn',
    default: 1,
    min: 1,
    max: 10_000_000,
    helpValue: 'KEYS',
  }),
  'key-space-size': Flags.integer({
    description: 'the watched keys are chosen among so many, some perhaps twice; else all are different',
    min: 1,
    helpValue: 'KEYS',
  }),
  'sequential-keys': Flags.boolean({
    description: 'with --key-space-size: choose one after the other, not at random',
  }),
  ...watchKeyFlags('bench/watch/'),
  ...watchValueFlags(16),
};
