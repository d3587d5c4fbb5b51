import { Flags } from '@etcdperf/core/cli';
import { checkFlags } from './check-flags.ts';
import { rateFlag } from './rate-flag.ts';

const { duration: _duration, ...flagsOfCheck } = checkFlags;

/** The keys of bench:check:datascale, and what they may cost. */
export const checkDatascaleFlags = {
  ...flagsOfCheck,
  ...rateFlag('put so many keys a second', 'as fast as --clients get answers'),
  keys: Flags.integer({
    description: 'how many keys',
    defaultHelp: async () => 'as the level has it',
    min: 1,
    max: 1_000_000_000,
    helpValue: 'KEYS',
  }),
  'key-size': Flags.integer({
    description: 'digits of a key after its prefix',
    default: 512,
    min: 9,
    max: 4096,
    helpValue: 'BYTES',
  }),
  'val-size': Flags.integer({
    description: 'bytes of a value',
    default: 512,
    min: 0,
    max: 1_572_864,
    helpValue: 'BYTES',
  }),
  'limit-memory': Flags.integer({
    description: 'pass when no member’s memory grew by more',
    min: 0,
    helpValue: 'MB',
  }),
  'limit-db': Flags.integer({ description: 'pass when no member’s database grew by more', min: 0, helpValue: 'MB' }),
  prefix: Flags.string({
    description: 'what the keys begin with',
    default: '/etcdctl-check-datascale/',
    helpValue: 'TEXT',
  }),
};
