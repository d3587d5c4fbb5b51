import { Args, Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { runFlags } from './run-flags.ts';

const { workload, pattern, rule, 'val-spec': valueSizes, total, ip, seed } = runFlags;

export const patternArgs = {
  pattern: Args.string({ description: 'what is written: <key pattern>;<value pattern>', name: 'PATTERN' }),
};

/** What `driver:pattern` understands. */
export const patternFlags = {
  workload,
  pattern,
  rule,
  'val-spec': valueSizes,
  total,
  ip,
  seed,
  explain: Flags.boolean({ description: 'tell what the pattern makes: what is done unless --print is given' }),
  keys: Flags.integer({
    description: 'so many examples of keys with their values, from the first key to the last',
    default: 3,
    min: 0,
    max: 100_000,
    helpValue: 'N',
  }),
  print: Flags.boolean({
    description: 'print every key on a line of its own, and nothing else',
    exclusive: ['explain', 'keys', 'json'],
  }),
  values: Flags.boolean({ description: 'its value after it, behind a tab', dependsOn: ['print'] }),
};

/** The pattern may be a word of its own or a flag's, as it is for other commands. Throws InputError for both. */
export function onePattern(word: string | undefined, flag: string | undefined): string | undefined {
  if (word === undefined || flag === undefined || word === flag) return word ?? flag;
  throw new InputError('which of the two patterns?', { where: 'PATTERN, --pattern' });
}
