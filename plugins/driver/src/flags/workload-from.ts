import { type NamedRule, rulesFrom } from '@etcdperf/core/cli';
import { InputError, type InputProblem } from '@etcdperf/core/errors';
import type { WatcherCount, WorkloadParts } from '@etcdperf/core/workload';
import type { RateOrOff } from './hourly-rate-flag.ts';
import type { ValueSizes } from './value-size-flag.ts';

/** The values of `workloadFlags`. */
export interface WorkloadFlagValues {
  readonly workload?: string | undefined;
  readonly pattern?: string | undefined;
  readonly rule?: readonly NamedRule[] | undefined;
  readonly 'val-spec'?: ValueSizes | undefined;
  readonly total?: number | undefined;
  readonly 'put-rate'?: RateOrOff | undefined;
  readonly 'skip-init'?: boolean | undefined;
  readonly 'churn-level'?: number | undefined;
  readonly 'churn-level-pct'?: number | undefined;
  readonly 'churn-level-rate'?: RateOrOff | undefined;
  readonly 'churn-val-rate'?: RateOrOff | undefined;
  readonly 'get-level'?: number | undefined;
  readonly 'get-rate'?: RateOrOff | undefined;
  readonly 'full-get-read'?: boolean | undefined;
  readonly 'get-keys-only'?: boolean | undefined;
  readonly 'serializable-gets'?: boolean | undefined;
  readonly 'watch-counts-per-level'?: readonly WatcherCount[] | undefined;
  readonly 'watch-with-prefix'?: boolean | undefined;
  readonly 'watch-prefix-get-interval'?: number | 'off' | undefined;
  readonly leases?: number | undefined;
  readonly 'lease-ttl'?: number | 'off' | undefined;
  readonly 'lease-ramp'?: number | 'off' | undefined;
  readonly verify?: boolean | undefined;
  readonly 'verify-sample'?: number | undefined;
  readonly 'client-timeout'?: number | 'off' | undefined;
  readonly clients?: number | undefined;
  readonly conns?: number | undefined;
  readonly 'etcd-reconnect-count'?: number | undefined;
  readonly duration?: number | undefined;
  readonly seed?: number | undefined;
}

/** What the flags say of a workload. Throws InputError, with all its problems, for flags that contradict each other. */
export function workloadFrom(flags: WorkloadFlagValues): WorkloadParts {
  const problems = contradictions(flags);
  if (problems.length > 0) throw new InputError('the flags contradict each other', { problems });
  const { total, duration } = flags;
  return {
    pattern: flags.pattern,
    rules: flags.rule === undefined ? undefined : rulesFrom(flags.rule),
    valueBytes: flags['val-spec'],
    // Old command lines say 0 when they churn: there is a key for each combination all the same.
    keysPerCombination: total === undefined ? undefined : Math.max(1, total),
    load: loadFrom(flags),
    subtreeChurn: atRate(flags['churn-level-rate'], {
      level: flags['churn-level'],
      percent: flags['churn-level-pct'],
    }),
    valueChurn: atRate(flags['churn-val-rate'], {}),
    reads: atRate(flags['get-rate'], {
      level: flags['get-level'],
      full: flags['full-get-read'],
      keysOnly: flags['get-keys-only'],
      serializable: flags['serializable-gets'],
    }),
    watches: {
      perLevel: flags['watch-counts-per-level'],
      prefix: flags['watch-with-prefix'],
      rereadIntervalMs: orNothing(flags['watch-prefix-get-interval']),
    },
    leases: {
      count: flags.leases,
      ttlSeconds: seconds(flags['lease-ttl']),
      rampMs: flags['lease-ramp'] === 'off' ? 0 : flags['lease-ramp'],
    },
    verification:
      flags.verify === true || flags['verify-sample'] !== undefined
        ? { samplePercent: flags['verify-sample'] }
        : undefined,
    connections: flags.conns,
    clients: flags.clients,
    timeoutMs: orNothing(flags['client-timeout']),
    reconnectAfter: flags['etcd-reconnect-count'],
    durationMs: duration,
    seed: flags.seed,
  };
}

/**
 * What flags turn off goes before what a file says, too: `--put-rate 0` is no limit, `--watch-prefix-get-interval -1` is
 * never.
 */
export function withoutWhatIsOff(said: WorkloadParts, flags: WorkloadFlagValues): WorkloadParts {
  const { load, watches } = said;
  const isUnlimited = flags['put-rate'] === 'off' || flags['put-rate'] === 0;
  const isReadOnce = flags['watch-prefix-get-interval'] === 'off';
  return {
    ...said,
    ...(isUnlimited && load !== 'off' && { load: { ...load, ratePerSec: undefined } }),
    ...(isReadOnce && watches !== 'off' && { watches: { ...watches, rereadIntervalMs: undefined } }),
  };
}

function loadFrom(flags: WorkloadFlagValues): WorkloadParts['load'] {
  if (flags['skip-init'] === true) return 'off';
  const rate = flags['put-rate'];
  // 0 and -1 are no limit, which is what is meant where none is said.
  return rate === undefined ? undefined : { ratePerSec: rate === 'off' || rate === 0 ? undefined : rate };
}

/** A part that is off at the rate -1; without a rate it is only described. */
function atRate<Words extends object>(rate: RateOrOff | undefined, words: Words) {
  return rate === 'off' || rate === 0 ? ('off' as const) : { ...words, ratePerSec: rate };
}

function orNothing(value: number | 'off' | undefined): number | undefined {
  return value === 'off' ? undefined : value;
}

function seconds(ms: number | 'off' | undefined): number | undefined {
  return ms === undefined || ms === 'off' ? undefined : Math.max(1, Math.ceil(ms / 1000));
}

function contradictions(flags: WorkloadFlagValues): InputProblem[] {
  const isSet = (rate: RateOrOff | undefined) => rate !== undefined && rate !== 'off' && rate !== 0;
  const problems: InputProblem[] = [];
  if (flags['skip-init'] === true && isSet(flags['put-rate']))
    problems.push({ where: '--skip-init, --put-rate', message: 'there is nothing to pace where nothing is loaded' });
  if (flags['churn-level'] === 0 && isSet(flags['churn-level-rate']))
    problems.push({ where: '--churn-level', message: 'churn on level 0 would delete all keys of all drivers at once' });
  if (flags['lease-ttl'] === 'off') problems.push({ where: '--lease-ttl', message: 'a lease needs a time to live' });
  return problems;
}
