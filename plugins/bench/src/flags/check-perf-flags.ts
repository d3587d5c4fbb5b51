import { durationFlag, Flags } from '@etcdperf/core/cli';
import { checkFlags } from './check-flags.ts';
import { rateFlag } from './rate-flag.ts';

/** The rate of bench:check:perf, and when a cluster passes. */
export const checkPerfFlags = {
  ...checkFlags,
  ...rateFlag('put so many keys a second', 'as the level has it'),
  duration: durationFlag({ description: 'how long', default: 60_000, defaultHelp: async () => '1m' }),
  'limit-rate': Flags.integer({
    description: 'pass when more than so much of the rate was reached',
    default: 90,
    min: 0,
    max: 100,
    helpValue: 'PERCENT',
  }),
  'limit-slowest': durationFlag({
    description: 'pass when no put took longer',
    default: 500,
    defaultHelp: async () => '500ms',
  }),
  'limit-stddev': durationFlag({
    description: 'pass when the standard deviation is no larger',
    default: 100,
    defaultHelp: async () => '100ms',
  }),
  prefix: Flags.string({
    description: 'what the keys begin with',
    default: '/etcdctl-check-perf/',
    helpValue: 'TEXT',
  }),
};
