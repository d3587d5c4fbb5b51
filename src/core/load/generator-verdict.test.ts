import { expect, test } from 'vitest';
import { LatencyRecorder } from '../stats/index.ts';
import { generatorVerdict, type VerdictGrounds } from './generator-verdict.ts';

const idle = { cpuPercent: 30, threadCpuPercent: 30, machineCpuPercent: 50, eventLoopLagP99Ms: 1, rssMb: 70 };
const lateness = new LatencyRecorder();
lateness.record(3e6);

const closed: VerdictGrounds = {
  plan: { pace: { kind: 'closed' }, threads: 1 },
  generator: idle,
  sent: 100_000,
  late: 0,
  dropped: 0,
  lateness: undefined,
  isInFlightFull: false,
  p99Ms: 20,
};
const open: VerdictGrounds = {
  ...closed,
  plan: { ...closed.plan, pace: { kind: 'open', ratePerSec: 5000 } },
  lateness: lateness.figures(),
};

test.each<[string, VerdictGrounds, RegExp | undefined]>([
  ['idle', closed, undefined],
  [
    'a full thread',
    { ...closed, generator: { ...idle, threadCpuPercent: 97 } },
    /the generator was the limit, not etcd: its thread used 97 %/,
  ],
  [
    'a busy thread',
    { ...closed, generator: { ...idle, threadCpuPercent: 80 } },
    /may have been the limit.*--threads 2/,
  ],
  [
    'a busy thread of what has no more threads',
    { ...closed, generator: { ...idle, threadCpuPercent: 80 }, moreWith: 'another driver' },
    /more can be measured with another driver, where/,
  ],
  [
    'full threads',
    { ...closed, plan: { ...closed.plan, threads: 2 }, generator: { ...idle, cpuPercent: 190, threadCpuPercent: 92 } },
    /each of its 2 threads used 92 %.*--threads 4/,
  ],
  [
    'a full thread on a full machine',
    { ...closed, generator: { ...idle, threadCpuPercent: 93, machineCpuPercent: 99 } },
    /the generator was a limit: its thread used 93 %.*\(99 % busy\)/,
  ],
  [
    'a full machine',
    { ...closed, generator: { ...idle, machineCpuPercent: 99 } },
    /this machine had no CPU left \(99 % busy, the generator used 30 % of a core\)/,
  ],
  ['pauses that latencies contain', { ...closed, generator: { ...idle, eventLoopLagP99Ms: 15 } }, /15 ms late at p99/],
  [
    'pauses that are small beside the latencies',
    { ...closed, p99Ms: 500, generator: { ...idle, eventLoopLagP99Ms: 15 } },
    undefined,
  ],
  ['in time, however busy', { ...open, generator: { ...idle, threadCpuPercent: 97 } }, undefined],
  ['a few late ones', { ...open, late: 900 }, undefined],
  [
    'late, with room and a busy thread',
    { ...open, late: 5000, generator: { ...idle, threadCpuPercent: 97 } },
    /the generator was the limit, not etcd: 5.0 % of the requests were sent late \(p99 3 ms\)/,
  ],
  [
    'late, with room on a full machine',
    { ...open, late: 50_000, generator: { ...idle, machineCpuPercent: 98 } },
    /^50 % of the requests.*had no CPU left \(98 % busy/,
  ],
  ['late, with room, for no reason to be seen', { ...open, late: 5000 }, /could not always keep the rate/],
  ['dropped is late, too', { ...open, dropped: 5000 }, /4.8 % of the requests/],
  ['late for want of answers', { ...open, late: 50_000, isInFlightFull: true }, undefined],
])('%s', (_, grounds, expected) => {
  const verdict = generatorVerdict(grounds);
  if (expected === undefined) expect(verdict).toBeUndefined();
  else expect(verdict).toMatch(expected);
});
