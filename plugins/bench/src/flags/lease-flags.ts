import { Flags } from '@etcdperf/core/cli';

/** What is asked of etcd; it grants no less than 3/2 of its election timeout. */
export const ttlFlag = (defaultSeconds: number) => ({
  ttl: Flags.integer({
    description: 'the time to live that is asked for; etcd raises short ones, and what it granted is told',
    default: defaultSeconds,
    min: 1,
    max: 9_000_000_000,
    helpValue: 'SECONDS',
  }),
});
