import type { LoadReport } from '@etcdperf/core/load';
import type { Check } from '../bench/checks.ts';
import { measureProcess } from '../bench/measure-process.ts';
import { openSite } from '../bench/site.ts';
import { DOCUMENTED_KEYS, IP } from './documented.ts';
import { ourCommand } from './our-command.ts';

const PODS = 50;
/** Of each pod, an hour. */
const PER_HOUR = { 'churn-val-rate': 7920, 'churn-level-rate': 250, 'get-rate': 450_000 };
const MOST_PERCENT = 100;
const MOST_LATE_MS = 5;

interface Report {
  readonly ramp: LoadReport;
  readonly steady: LoadReport;
  readonly missedRates: readonly { readonly kind: string }[];
}

/**
 * What 50 pods of the documented deployment do, each with 20 connections and 20 callers, from one process: their rates
 * added up, on one pod's key space. Each subtree of level 5 is watched and read again every 30 s.
 */
export async function measureFiftyPods(
  folder: string,
  seconds: number,
  onStep: (text: string) => void,
): Promise<Check[]> {
  await using site = await openSite('memory', folder);
  const rates = Object.entries(PER_HOUR).map(([flag, perHour]) => `--${flag}=${perHour * PODS}`);
  const argv = ourCommand(
    [
      ...['driver:run', `--pattern=${DOCUMENTED_KEYS};[0-9]{10,30}`, `--ip=${IP}`, ...rates],
      ...['--churn-level=5', '--churn-level-pct=5', '--get-level=7'],
      ...['--watch-counts-per-level=0,0,0,0,0,n,0,0', '--watch-with-prefix', '--watch-prefix-get-interval=30'],
      ...[`--conns=${20 * PODS}`, `--clients=${20 * PODS}`, `--duration=${seconds}s`, ...site.flags],
    ],
    folder,
  );
  onStep(`fifty-pods: ${seconds} s`);
  const { ramp, steady, missedRates } = JSON.parse((await measureProcess(argv, folder)).stdout) as Report;
  const requests = steady.series.filter(({ name }) => name !== 'watch delivery' && name !== 'reconnect');
  const sum = (pick: (one: (typeof requests)[number]) => number) => requests.reduce((all, one) => all + pick(one), 0);
  const name = (text: string) => `fifty-pods: ${text}`;
  return [
    {
      name: name('of a core, steady load'),
      actual: steady.generator.cpuPercent,
      unit: '%',
      limit: { is: 'at most', value: MOST_PERCENT },
    },
    {
      name: name('sends late, p99'),
      actual: steady.lateness?.p99Ms ?? Number.NaN,
      unit: 'ms',
      limit: { is: 'at most', value: MOST_LATE_MS },
    },
    { name: name('sends late, p99.9'), actual: steady.lateness?.p999Ms ?? Number.NaN, unit: 'ms' },
    { name: name('rates not held'), actual: missedRates.length, unit: '', limit: { is: 'at most', value: 0 } },
    { name: name('requests'), actual: sum(({ perSec }) => perSec), unit: '/s' },
    { name: name('failed or in doubt'), actual: sum(({ fail, unknown }) => fail + unknown), unit: '' },
    ...requests.map((series) => ({
      name: name(`${series.name}, ${Math.round(series.perSec)}/s: p99`),
      actual: series.latency.p99Ms,
      unit: 'ms',
    })),
    { name: name('resident memory'), actual: steady.generator.rssMb, unit: 'MB' },
    { name: name('keys loaded before'), actual: ramp.series[0]?.perSec ?? Number.NaN, unit: '/s' },
  ];
}
