import { InputError } from '../errors/index.ts';
import type { LoadEnd, LoadPlan, Pace } from '../load/index.ts';

/** The values of `planFlags`. */
export interface PlanFlagValues {
  readonly connections: number;
  readonly clients?: number | undefined;
  readonly 'max-in-flight'?: number | undefined;
  readonly total?: number | undefined;
  readonly duration?: number | undefined;
  readonly warmup: number;
  readonly rate?: Pace | undefined;
  readonly timeout: number;
  readonly threads: number;
  readonly seed: number;
}

const DEFAULT_TOTAL = 10_000;
const DEFAULT_MAX_IN_FLIGHT = 10_000;

/**
 * The plan that the flags describe. Throws InputError for flags that contradict each other.
 *
 * More connections than clients are allowed, as etcd's own tool allows them: idle connections are part of what a
 * cluster may have to bear. With a rate, `--clients` keeps the meaning that it has there, too: so many requests are
 * without an answer at most.
 *
 * @param defaults `total` is for neither --total nor --duration
 */
export function loadPlanFrom(flags: PlanFlagValues, defaults: { readonly total?: number } = {}): LoadPlan {
  const { connections, warmup, timeout, threads, seed, rate: pace = { kind: 'closed' } } = flags;
  const clients = flags.clients ?? 1;
  if (threads > connections)
    throw conflict(
      '--threads',
      '--connections',
      `${threads} threads need a connection each, and there are ${connections}`,
    );
  return {
    pace,
    end: endOf(flags, defaults.total ?? DEFAULT_TOTAL),
    warmupMs: warmup,
    connections,
    clients,
    maxInFlight: maxInFlight(flags, pace, clients),
    timeoutMs: timeout,
    threads,
    seed,
  };
}

function endOf({ total, duration }: PlanFlagValues, defaultTotal: number): LoadEnd {
  if (total !== undefined && duration !== undefined)
    throw conflict('--total', '--duration', '--total and --duration both say when to end: give one of them');
  return duration === undefined
    ? { kind: 'total', requests: total ?? defaultTotal }
    : { kind: 'duration', ms: duration };
}

function maxInFlight(flags: PlanFlagValues, pace: Pace, clients: number): number {
  const given = flags['max-in-flight'];
  if (pace.kind === 'closed') {
    if (given === undefined) return clients;
    throw conflict(
      '--max-in-flight',
      '--rate',
      '--max-in-flight needs a --rate: without one, --clients are how many requests are without an answer',
    );
  }
  if (given !== undefined && flags.clients !== undefined)
    throw conflict(
      '--max-in-flight',
      '--clients',
      'with --rate, --clients and --max-in-flight say the same: give one of them',
    );
  return given ?? flags.clients ?? DEFAULT_MAX_IN_FLIGHT;
}

function conflict(one: string, other: string, message: string): InputError {
  return new InputError(message, { where: `${one}, ${other}` });
}
