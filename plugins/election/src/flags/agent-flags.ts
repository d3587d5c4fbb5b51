import { durationFlag } from '@etcdperf/core/cli';
import { connectionsFlag } from './election-flags.ts';

/** How agents follow. */
export const agentFlags = {
  connections: connectionsFlag(),
  jitter: durationFlag({
    description: 'a random wait of up to so long before each re-read; it is part of the results',
    default: 0,
    defaultHelp: async () => 'none',
  }),
  timeout: durationFlag({
    description: 'how long to wait until all agents have recorded a round',
    default: 120_000,
    defaultHelp: async () => '2m',
  }),
};
