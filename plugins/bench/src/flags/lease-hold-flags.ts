import { durationFlag, Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { Pace } from '@etcdperf/core/load';
import { benchFlags } from '../bench-command.ts';
import { ttlFlag } from './lease-flags.ts';
import { rateFlag } from './rate-flag.ts';

// How long it takes follows from --count, --rate and --hold.
const {
  total: _total,
  duration: _duration,
  warmup: _warmup,
  threads: _threads,
  clients: _clients,
  ...flagsOfLoad
} = benchFlags;

const DEFAULT_RATE = 5000;

/** How many leases, how they come, how long they stay and how they end. */
export const leaseHoldFlags = {
  ...flagsOfLoad,
  ...rateFlag('grant so many leases a second', '5000'),
  ...ttlFlag(60),
  count: Flags.integer({
    description: 'how many leases',
    default: 10_000,
    min: 1,
    max: 2_000_000,
    helpValue: 'LEASES',
  }),
  connections: Flags.integer({
    aliases: ['conns'],
    description: 'how many connections the grants have, and how many the keepalives; also --conns',
    default: 10,
    min: 1,
    max: 10_000,
    helpValue: 'N',
  }),
  ramp: durationFlag({
    description: 'grant them evenly within so long, instead of at a --rate',
    exclusive: ['rate'],
  }),
  hold: durationFlag({
    description: 'how long they are held after the last grant',
    default: 10_000,
    defaultHelp: async () => '10s',
  }),
  streams: Flags.integer({
    description: 'how many keepalive streams, at least one a connection; etcd answers each stream’s one by one',
    default: 100,
    min: 1,
    max: 100_000,
    helpValue: 'N',
  }),
  end: Flags.option({
    options: ['expire', 'revoke'] as const,
    description: 'let them run out, or revoke them at the rate of the grants',
    default: 'expire' as const,
  })(),
  'attach-keys': Flags.boolean({ description: 'put a key with each lease: it goes with the lease' }),
  prefix: Flags.string({
    description: '[with --attach-keys] what these keys begin with',
    default: 'bench/lease/',
    helpValue: 'TEXT',
  }),
};

/** At what pace leases are granted. Throws InputError where that is none. */
export function grantPace(flags: {
  readonly count: number;
  readonly rate?: Pace | undefined;
  readonly ramp?: number | undefined;
}): Pace {
  const { count, rate, ramp } = flags;
  if (rate?.kind === 'closed') throw new InputError('leases are granted at a rate: 0 is none', { where: '--rate' });
  return rate ?? { kind: 'open', ratePerSec: ramp === undefined ? DEFAULT_RATE : (count * 1000) / ramp };
}
