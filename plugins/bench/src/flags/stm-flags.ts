import { Flags } from '@etcdperf/core/cli';
import { benchFlags } from '../bench-command.ts';
import { ISOLATION_LETTERS } from '../operations/stm/isolation.ts';
import { keyFlags, valueFlags } from './key-flags.ts';

const lockers = ['stm', 'lock-client', 'lock-rpc'] as const;

/** What the transactions of bench:stm read, write and hold. */
export const stmFlags = {
  ...benchFlags,
  isolation: Flags.option({
    options: Object.keys(ISOLATION_LETTERS) as (keyof typeof ISOLATION_LETTERS)[],
    description: 'read committed (c), repeatable reads (r), serializable (s) or serializable snapshot (ss)',
    default: 'r' as const,
  })(),
  keys: Flags.integer({
    description: 'how many different keys there are',
    default: 1,
    min: 1,
    max: 10_000_000,
    helpValue: 'KEYS',
  }),
  'keys-per-txn': Flags.integer({
    description: 'different keys that each transaction reads; etcd allows 128 unless --max-txn-ops says otherwise',
    default: 1,
    min: 0,
    helpValue: 'KEYS',
  }),
  'txn-wr-percent': Flags.integer({
    description: 'of these keys, how many are written as well',
    default: 50,
    min: 0,
    max: 100,
    helpValue: 'PERCENT',
  }),
  'stm-locker': Flags.option({
    options: lockers,
    description: 'what a transaction holds while it runs: nothing (stm), or a lock of one of two kinds',
    default: 'stm' as const,
  })(),
  ...valueFlags,
  prefix: Flags.string({
    aliases: ['key-prefix'],
    description: 'what every key begins with',
    default: 'bench/stm/',
    helpValue: 'TEXT',
  }),
  'key-distribution': keyFlags['key-distribution'],
};
