import { durationFlag, Flags } from '@etcdperf/core/cli';
import type { ReplicationConfig } from '../protocol/index.ts';
import { parseReplication } from './replication.ts';

/** How candidates contend, and what a master does. */
export const candidateFlags = {
  ttl: Flags.integer({
    description: "seconds that the master's lease is asked for; etcd may grant more",
    default: 2,
    min: 1,
    max: 3600,
    helpValue: 'SECONDS',
  }),
  refresh: durationFlag({
    description: 'how often a master renews its lease',
    default: 500,
    defaultHelp: async () => '500ms',
  }),
  algorithm: Flags.option({
    options: ['one-key', 'queue'] as const,
    description: 'all losers watch the same key, or each only the one before it in a queue',
    default: 'one-key' as const,
  })(),
  payload: Flags.string({
    description: 'what each new master writes to /ego_conf; else 1 KB of filler',
    helpValue: 'FILE',
  }),
  replicate: Flags.custom<ReplicationConfig | null>({
    parse: async (text) => parseReplication(text),
    description: "write batches of state while master, and follow them as candidate: 'on' is 1000x1024/5s",
    default: null,
    defaultHelp: async () => 'off',
    helpValue: 'off|on|BATCHxBYTES/INTERVAL',
  })(),
  'start-timeout': durationFlag({
    description: 'how long to wait for the first master',
    default: 30_000,
    defaultHelp: async () => '30s',
  }),
};

/** Processes end by themselves after so long, whatever happens to whoever started them. */
export const processDurationFlag = {
  duration: durationFlag({ description: 'end by themselves after so long; else they run until election:stop' }),
};
