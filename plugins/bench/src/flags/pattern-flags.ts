import { Flags, type NamedRule, ownAddress, type PlanFlagValues, ruleFlag, rulesFrom } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { KeyDistribution } from '@etcdperf/core/workload';
import { openSource, type PatternKeyOptions } from '../operations/pattern-keys.ts';

/** What else says how the keys and values of writes are made. */
export const NUMBERED_KEYS = ['prefix', 'key-size', 'key-space-size', 'val-size', 'value'];

/** Keys, and values where they are written, of a pattern. `others`: the flags that say otherwise how keys are made. */
export const patternFlags = (others: readonly string[]) => ({
  pattern: Flags.string({
    description:
      'keys and values of a pattern, /a/%b-%04d[1000];[0-9]{100}, in place of numbered keys: see driver:pattern',
    exclusive: [...others],
    helpValue: 'KEYS;VALUES',
  }),
  rule: ruleFlag({ description: "a rule of your own: 'zone=a,b,c' for :zone in the pattern", dependsOn: ['pattern'] }),
  ip: Flags.string({
    description: 'what :ip in the pattern stands for',
    env: 'POD_IP',
    defaultHelp: async () => 'this machine’s address',
    helpValue: 'ADDRESS',
  }),
});

export interface PatternFlagValues extends Pick<PlanFlagValues, 'seed'> {
  readonly pattern?: string | undefined;
  readonly rule?: readonly NamedRule[] | undefined;
  readonly ip?: string | undefined;
  readonly 'key-distribution'?: KeyDistribution | undefined;
  readonly 'sequential-keys': boolean;
}

/**
 * The keys of `--pattern`; undefined where it isn't given. Throws InputError for what is no pattern, or has fewer keys
 * than a request needs.
 */
export function patternKeysFrom(flags: PatternFlagValues, keysPerRequest = 1): PatternKeyOptions | undefined {
  const { pattern: text, rule = [], ip = ownAddress(), seed } = flags;
  if (text === undefined) return undefined;
  const pattern = { text, rules: rulesFrom(rule), ip, seed };
  const { size } = openSource(pattern);
  if (size < keysPerRequest)
    throw new InputError(`a request of ${keysPerRequest} different keys needs as many, and the pattern has ${size}`, {
      where: '--pattern',
    });
  const distribution =
    flags['key-distribution'] ?? ({ kind: flags['sequential-keys'] ? 'sequential' : 'uniform' } as const);
  return { pattern, distribution };
}
