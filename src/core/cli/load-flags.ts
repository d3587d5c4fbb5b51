import * as Flags from '@oclif/core/flags';
import type { Target } from '../etcd/index.ts';
import type { Pace, Threshold } from '../load/index.ts';
import { durationFlag, durationOrZeroFlag } from './duration-flag.ts';
import { inHelpGroup } from './in-help-group.ts';
import { runsDirFlag } from './run-folder-flags.ts';

/** Nobody has that many; a number beyond it is a slip of the fingers. */
const MOST_CONNECTIONS = 100_000;
const MOST_CLIENTS = 1_000_000;

/** How much load, how fast, for how long. See `loadPlanFrom`. */
export const planFlags = inHelpGroup('LOAD', {
  connections: Flags.integer({
    aliases: ['conns'],
    description: 'how many connections to etcd, spread over the target’s members; also --conns',
    default: 1,
    min: 1,
    max: MOST_CONNECTIONS,
    helpValue: 'N',
  }),
  clients: Flags.integer({
    description:
      'callers that each wait for their answer, spread over the connections; with --rate: as --max-in-flight',
    defaultHelp: async () => '1',
    min: 1,
    max: MOST_CLIENTS,
    helpValue: 'N',
  }),
  'max-in-flight': Flags.integer({
    description:
      'with --rate: requests without an answer at any moment; further ones wait, and that is in their latency',
    defaultHelp: async () => '10000',
    min: 1,
    max: MOST_CLIENTS,
    helpValue: 'N',
  }),
  total: Flags.integer({
    description: 'end after so many requests',
    defaultHelp: async () => '10000 where there is no --duration',
    min: 1,
    helpValue: 'REQUESTS',
  }),
  duration: durationFlag({ description: 'end after so long' }),
  warmup: durationOrZeroFlag({
    description: 'load before that, whose figures are thrown away',
    default: 0,
    defaultHelp: async () => 'none',
  }),
  rate: Flags.custom<Pace>({
    parse: async (text) => (await import('../load/index.ts')).parseRate(text),
    description:
      'send so many requests a second whatever the answers do (open loop), latency counted from when each was due: 5000, 5000/s, 100/m, 7200/h; 0: as fast as --clients get answers (closed loop)',
    defaultHelp: async () => '0',
    helpValue: 'RATE',
  })(),
  timeout: durationFlag({
    description: 'a request without an answer for so long is given up: unknown if it writes, else fail',
    default: 5000,
    defaultHelp: async () => '5s',
  }),
  threads: Flags.integer({
    description: 'threads that make the load, where one core is not enough',
    default: 1,
    min: 1,
    max: 64,
    helpValue: 'N',
  }),
  seed: Flags.integer({
    description: 'of everything random: the same seed gives the same requests',
    default: 1,
    min: 0,
    max: 2 ** 32 - 1,
    helpValue: 'N',
  }),
});

/** Which members get the load. See `targetFrom`. */
export const targetFlags = inHelpGroup('LOAD', {
  target: Flags.custom<Target>({
    parse: async (text) => (await import('../etcd/index.ts')).parseTarget(text),
    description: 'which members get the load: all, leader, followers, or a member’s name',
    defaultHelp: async () => 'all',
    helpValue: 'all|leader|followers|MEMBER',
    exclusive: ['target-leader'],
  })(),
  'target-leader': Flags.boolean({ description: 'as --target leader', exclusive: ['target'] }),
});

/** The target that `targetFlags` name. */
export function targetFrom(flags: { readonly target?: Target | undefined; readonly 'target-leader': boolean }): Target {
  return flags['target-leader'] ? { kind: 'leader' } : (flags.target ?? { kind: 'all' });
}

/** What is told of a load, during it and after it, and what it is judged by. */
export const reportFlags = inHelpGroup('REPORT', {
  interval: durationFlag({
    description: 'how often figures are written to the run folder and shown',
    default: 1000,
    defaultHelp: async () => '1s',
  }),
  'interval-format': Flags.option({
    options: ['jsonl', 'csv'] as const,
    helpValue: 'jsonl|csv',
    description: 'also write each interval to stdout while the load runs; the report then goes to stderr',
    exclusive: ['json', 'sample'],
  })(),
  threshold: Flags.custom<Threshold>({
    parse: async (text) => (await import('../load/index.ts')).parseThreshold(text),
    description:
      "exit with 3 where it is missed: 'p99<50ms', 'put.p99.9<=1s', 'rate>5000/s', 'ok>=99.9%', 'unknown<1'; with abort: in front the run ends as soon as an interval misses it",
    multiple: true,
    // A command's arguments may follow it.
    multipleNonGreedy: true,
    helpValue: "'METRIC<LIMIT'",
  })(),
  precise: Flags.boolean({ description: 'show times in ms with all their digits' }),
  sample: Flags.boolean({ description: 'add a line of CSV for each second to the report' }),
  'report-perfdash': Flags.boolean({
    description: 'also write percentiles for Kubernetes’ perfdash into $ARTIFACTS, else ./_artifacts',
  }),
  ...runsDirFlag,
});

/** What every command understands that makes load. */
export const loadFlags = {
  ...planFlags,
  ...targetFlags,
  ...reportFlags,
  cleanup: Flags.boolean({ description: 'delete what the run wrote after it, however it ends' }),
};
