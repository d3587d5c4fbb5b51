import { cpus } from 'node:os';
import { watchEventLoopLag } from '../stats/index.ts';
import type { IntervalSample } from './interval-sample.ts';
import type { LoadPlan } from './load-plan.ts';
import type { GeneratorReport } from './load-report.ts';
import type { LoadFigures } from './load-source.ts';

/** Measures how busy this process and this machine are. All figures but the memory are of a window. */
export interface GeneratorMeter extends Disposable {
  /** The measured window begins now. */
  start(): void;
  /** The interval since the last call, which ends now. */
  interval(figures: Pick<LoadFigures, 'threadCpuMs' | 'eventLoopLagP99Ms'>): IntervalSample['generator'];
  /** The whole window, which ends now. */
  finish(): Omit<GeneratorReport, 'verdict'>;
}

const BYTES_PER_MB = 1e6;

export function meterGenerator(plan: Pick<LoadPlan, 'threads'>): GeneratorMeter {
  const lagOfAll = watchEventLoopLag();
  const lagOfInterval = watchEventLoopLag();
  // With several threads these make the load, and this one only counts.
  const isOwnLoad = plan.threads === 1;
  let began = look();
  let machineBegan: ReturnType<typeof lookAtMachine>;
  let last = began;
  let threadCpuMs = 0;
  let worstThreadLagMs = 0;
  return {
    start() {
      began = look();
      machineBegan = lookAtMachine();
      last = began;
      threadCpuMs = 0;
      worstThreadLagMs = 0;
      lagOfAll.reset();
      lagOfInterval.reset();
    },
    interval(figures) {
      const now = look();
      threadCpuMs += figures.threadCpuMs;
      worstThreadLagMs = Math.max(worstThreadLagMs, figures.eventLoopLagP99Ms);
      const sample = {
        cpuPercent: percent(now.processMs - last.processMs, now.wallMs - last.wallMs),
        eventLoopLagP99Ms: rounded(isOwnLoad ? lagOfInterval.p99Ms() : figures.eventLoopLagP99Ms),
        rssMb: rssMb(),
      };
      lagOfInterval.reset();
      last = now;
      return sample;
    },
    finish() {
      const now = look();
      const machine = lookAtMachine();
      const wallMs = now.wallMs - began.wallMs;
      const ofThreadMs = isOwnLoad ? now.threadMs - began.threadMs : threadCpuMs / plan.threads;
      return {
        cpuPercent: percent(now.processMs - began.processMs, wallMs),
        threadCpuPercent: percent(ofThreadMs, wallMs),
        machineCpuPercent: percent(machine.busyMs - machineBegan.busyMs, machine.allMs - machineBegan.allMs),
        eventLoopLagP99Ms: rounded(isOwnLoad ? lagOfAll.p99Ms() : worstThreadLagMs),
        rssMb: rssMb(),
      };
    },
    [Symbol.dispose]() {
      lagOfAll.stop();
      lagOfInterval.stop();
    },
  };
}

/** This process's clocks at one moment, in ms. */
function look() {
  return {
    wallMs: performance.now(),
    processMs: cpuMs(process.cpuUsage()),
    // Node 22 doesn't tell a thread's own: the whole process's is a little more than this thread's.
    threadMs: cpuMs((process.threadCpuUsage as typeof process.cpuUsage | undefined)?.() ?? process.cpuUsage()),
  };
}

/** All cores together, in ms. Takes long where there are many: not for every interval. */
function lookAtMachine() {
  let busyMs = 0;
  let allMs = 0;
  for (const { times } of cpus()) {
    const { user, nice, sys, idle, irq } = times;
    busyMs += user + nice + sys + irq;
    allMs += user + nice + sys + irq + idle;
  }
  return { busyMs, allMs };
}

function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

function percent(part: number, whole: number): number {
  return whole <= 0 ? 0 : rounded((part * 100) / whole);
}

function rssMb(): number {
  return rounded(process.memoryUsage.rss() / BYTES_PER_MB);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
