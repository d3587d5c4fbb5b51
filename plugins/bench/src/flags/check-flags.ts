import { Flags } from '@etcdperf/core/cli';
import { benchFlags } from '../bench-command.ts';
import { LEVEL_NAMES } from '../services/check/check-levels.ts';

const {
  cleanup: _cleanup,
  total: _total,
  warmup: _warmup,
  clients: _clients,
  'max-in-flight': _maxInFlight,
  ...flagsOfLoad
} = benchFlags;

/** What every check understands. What it writes is always cleaned up. */
export const checkFlags = {
  ...flagsOfLoad,
  load: Flags.option({
    options: Object.keys(LEVEL_NAMES) as (keyof typeof LEVEL_NAMES)[],
    description: 'the level: small, medium, large or extra large',
    helpValue: 's|m|l|xl',
    default: 's' as const,
  })(),
  clients: Flags.integer({
    description: 'so many writes at most are without an answer',
    defaultHelp: async () => 'as the level has it',
    min: 1,
    max: 1_000_000,
    helpValue: 'N',
  }),
  connections: Flags.integer({
    aliases: ['conns'],
    description: 'how many connections to etcd; also --conns',
    defaultHelp: async () => 'one for each of --clients',
    min: 1,
    max: 100_000,
    helpValue: 'N',
  }),
  'auto-compact': Flags.boolean({ description: 'compact after the keys are deleted' }),
  'auto-defrag': Flags.boolean({ description: 'defragment the members then, one after the other, the leader last' }),
};
