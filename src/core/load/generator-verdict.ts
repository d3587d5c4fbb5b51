import { formatMs, type LatencyFigures } from '../stats/index.ts';
import type { LoadPlan } from './load-plan.ts';
import type { GeneratorReport } from './load-report.ts';

/** What the verdict is based on, all of the measured window. */
export interface VerdictGrounds {
  readonly plan: Pick<LoadPlan, 'pace' | 'threads'>;
  readonly generator: Omit<GeneratorReport, 'verdict'>;
  readonly sent: number;
  /** Sends more than 1 ms after their intended start, and those that never were. */
  readonly late: number;
  readonly dropped: number;
  readonly lateness: LatencyFigures | undefined;
  /** As many requests as allowed were without an answer. */
  readonly isInFlightFull: boolean;
  /** The largest p99 of all series, in ms. NaN where nothing was answered. */
  readonly p99Ms: number;
  /** How more load can be made. Default: more threads. */
  readonly moreWith?: string | undefined;
}

/** Of one core: beyond it a thread has no room for bursts. */
const FULL_PERCENT = 90;
const BUSY_PERCENT = 75;
const MACHINE_FULL_PERCENT = 95;
/** Event loops are late by some ms wherever much comes in at once. */
const LAG_MS = 10;

/**
 * A sentence when the generator, and not etcd, was the limit, or may have been; undefined when nothing says so. It
 * claims no more than was measured.
 */
export function generatorVerdict(grounds: VerdictGrounds): string | undefined {
  return grounds.plan.pace.kind === 'open' ? ofOpenLoop(grounds) : ofClosedLoop(grounds);
}

/** As fast as answers come: a thread that has no time left limits the throughput. */
function ofClosedLoop(grounds: VerdictGrounds): string | undefined {
  const { threadCpuPercent, machineCpuPercent } = grounds.generator;
  const used = `${threads(grounds)} used ${shown(threadCpuPercent)} % of a core`;
  const isMachineFull = machineCpuPercent >= MACHINE_FULL_PERCENT;
  // Where etcd may have wanted the same CPU, nobody knows which of them held the other up.
  if (threadCpuPercent >= FULL_PERCENT && isMachineFull)
    return `the generator was a limit: ${used}, and this machine had no CPU left (${shown(machineCpuPercent)} % busy); measure from one with more cores`;
  if (threadCpuPercent >= FULL_PERCENT)
    return `the generator was the limit, not etcd: ${used}; ${moreThreads(grounds)}`;
  if (isMachineFull) return fullMachine(grounds);
  if (threadCpuPercent >= BUSY_PERCENT)
    return `the generator may have been the limit: ${used}; ${moreThreads(grounds)}`;
  return lag(grounds);
}

/** At a rate: a busy thread is no harm as long as it sends in time. */
function ofOpenLoop(grounds: VerdictGrounds): string | undefined {
  const { generator, sent, late, dropped, isInFlightFull, lateness } = grounds;
  const lateShare = (late + dropped) / Math.max(1, sent + dropped);
  if (lateShare <= 0.01) return lag(grounds);
  // Without room in flight sends wait for answers, and that is etcd's doing (or the limit's).
  if (isInFlightFull) return undefined;
  const what = `${shown(lateShare * 100)} % of the requests were sent late${
    lateness === undefined || lateness.count === 0 ? '' : ` (p99 ${formatMs(lateness.p99Ms)})`
  } although fewer than --max-in-flight were out`;
  if (generator.threadCpuPercent >= BUSY_PERCENT)
    return `the generator was the limit, not etcd: ${what}, and ${threads(grounds)} used ${shown(generator.threadCpuPercent)} % of a core; ${moreThreads(grounds)}`;
  if (generator.machineCpuPercent >= MACHINE_FULL_PERCENT) return `${what}; ${fullMachine(grounds)}`;
  return `the generator could not always keep the rate: ${what}`;
}

function lag({ generator, p99Ms }: VerdictGrounds): string | undefined {
  const { eventLoopLagP99Ms } = generator;
  if (!(eventLoopLagP99Ms >= LAG_MS && eventLoopLagP99Ms >= p99Ms / 2)) return undefined;
  return `the generator's own pauses (event loop ${formatMs(eventLoopLagP99Ms)} late at p99) are part of the latencies`;
}

function fullMachine({ generator }: VerdictGrounds): string {
  const { machineCpuPercent, cpuPercent } = generator;
  return (
    `this machine had no CPU left (${shown(machineCpuPercent)} % busy, the generator used ${shown(cpuPercent)} % of a core): ` +
    'the generator, what else runs here, and etcd if it does, took it from each other'
  );
}

function threads({ plan }: VerdictGrounds): string {
  return plan.threads === 1 ? 'its thread' : `each of its ${plan.threads} threads`;
}

function moreThreads({ plan, moreWith = `--threads ${plan.threads * 2}` }: VerdictGrounds): string {
  return `more can be measured with ${moreWith}, where cores are free`;
}

function shown(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}
