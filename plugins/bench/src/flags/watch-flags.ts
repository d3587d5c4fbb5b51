import { Flags, loadPlanFrom, type PlanFlagValues } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadPlan, Pace } from '@etcdperf/core/load';
import { benchFlags } from '../bench-command.ts';
import { stampBytes } from '../services/watch/watch-stamp.ts';
import { valueFlags } from './key-flags.ts';

// Watchers and writes share a thread: that is how an event is timed against its write.
const { threads: _threads, total: _total, rate: _rate, ...commonFlags } = benchFlags;

/** What every benchmark of watches understands. Its puts have the names that etcd's own benchmark gives them, too. */
export const watchFlags = {
  ...commonFlags,
  connections: Flags.integer({
    aliases: ['conns'],
    description:
      'how many connections watchers have, spread over the target’s members; writes have as many of their own',
    default: 1,
    min: 1,
    max: 100_000,
  }),
  total: Flags.integer({
    aliases: ['put-total'],
    description: 'end after so many writes',
    defaultHelp: async () => '1000 where there is no --duration',
    min: 1,
    helpValue: 'WRITES',
  }),
};

/** How many streams watchers have. */
export function streamsFlag(byDefault: number) {
  return {
    streams: Flags.integer({
      description: 'watch streams, spread over the connections',
      default: byDefault,
      min: 1,
      max: 100_000,
    }),
  };
}

/** How fast requests are made. A command says what holds when it is not given. */
export function rateFlag(requests: 'put' | 'get', byDefault: string) {
  return {
    rate: Flags.custom<Pace>({
      parse: async (text) => (await import('@etcdperf/core/load')).parseRate(text),
      aliases: [`${requests}-rate`],
      description: `so many ${requests}s a second whatever the answers do, timed from when each was due; 0: as fast as --clients get answers`,
      defaultHelp: async () => byDefault,
      helpValue: 'RATE',
    })(),
  };
}

/** What the written values are. */
export function watchValueFlags(bytes: number) {
  return {
    'val-size': Flags.integer({
      description: `bytes of a value; from ${stampBytes} on, the first ${stampBytes} tell when it was due, which costs least`,
      default: bytes,
      min: 0,
      max: 1_572_864,
      helpValue: 'BYTES',
    }),
    value: valueFlags.value,
  };
}

/** Which keys are watched. */
export function watchKeyFlags(prefix: string) {
  return {
    prefix: Flags.string({
      aliases: ['key-prefix'],
      description: 'what every key begins with; it comes before the --key-size digits',
      default: prefix,
      helpValue: 'TEXT',
    }),
    'key-size': Flags.integer({
      description: 'digits of a key after its prefix',
      default: 32,
      min: 1,
      max: 4096,
      helpValue: 'BYTES',
    }),
  };
}

const MOST_WATCHERS = 10_000_000;

/** `streams` times so many. Throws InputError for more than any machine has memory for. */
export function watcherCount(streams: number, perStream: number, flag: string): number {
  if (streams * perStream <= MOST_WATCHERS) return streams * perStream;
  throw new InputError(`${streams} streams of ${perStream} watchers are more than ${MOST_WATCHERS}`, { where: flag });
}

/** The plan of the writes. Throws InputError for flags that contradict each other. */
export function writePlanFrom(flags: Omit<PlanFlagValues, 'threads'>, ratePerSec = 0): LoadPlan {
  const rate = flags.rate ?? (ratePerSec === 0 ? { kind: 'closed' } : { kind: 'open', ratePerSec });
  const plan = loadPlanFrom({ ...flags, rate, threads: 1 }, { total: 1000 });
  // The connections are the watchers'. Writes have others, and need no more than can be busy.
  return { ...plan, connections: Math.min(plan.connections, rate.kind === 'closed' ? plan.clients : plan.maxInFlight) };
}
