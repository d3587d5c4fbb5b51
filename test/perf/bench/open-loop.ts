import type { LoadReport } from '@etcdperf/core/load';
import type { Check } from './checks.ts';
import { measureProcess } from './measure-process.ts';
import { openSite } from './site.ts';
import { spreadOf } from './statistics.ts';
import type { Said, Tool } from './tools.ts';
import { watchSleeper } from './watch-sleeper.ts';

const SECONDS = 15;
const CASES = [
  { rate: 5000, cpuPercent: 35, latenessMs: 0.5 },
  { rate: 20_000, cpuPercent: 45, latenessMs: undefined },
];

/**
 * Puts at a rate on 10 connections, Go's tool at the same rates in turn: how late the sends are, whether the rate is
 * held, and what the process takes of a core, start-up and all. Medians of the pairs.
 */
export async function measureOpenLoop(
  tools: { ours: Tool; go: Tool },
  folder: string,
  pairs: number,
  onStep: (text: string) => void,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { rate, cpuPercent, latenessMs } of CASES) {
    const put = ['put', '--key-size=8', '--val-size=256', '--key-space-size=100000', `--rate=${rate}`, '--conns=10'];
    const run = async (tool: Tool, extra: readonly string[]) => {
      await using site = await openSite('memory', folder);
      const argv = tool.argv([...put, ...extra, ...site.flags]);
      // Awaited here: the site is gone once this returns.
      const { result, p99Ms } = await watchSleeper(() => measureProcess(argv, folder));
      const said = tool.read(result.stdout);
      return { ...result, said, sleeperP99Ms: p99Ms, corePercent: (100 * result.cpuSeconds) / result.wallSeconds };
    };
    const runs: ({ readonly report: LoadReport } & Record<'ours' | 'go', Awaited<ReturnType<typeof run>>>)[] = [];
    while (runs.length < pairs) {
      const ours = await run(tools.ours, [`--duration=${SECONDS}s`]);
      const report = JSON.parse(ours.stdout) as LoadReport;
      const go = await run(tools.go, [`--total=${rate * SECONDS}`, '--clients=1000']);
      runs.push({ ours, report, go });
      onStep(
        `open-loop ${rate}/s: sends late, p99 ${report.lateness?.p99Ms} ms; ${ours.corePercent.toFixed(1)} % of a core`,
      );
    }
    const check = (name: string, unit: string, value: (one: (typeof runs)[number]) => number, limit?: Check['limit']) =>
      checks.push({
        ...{ name: `open-loop ${rate}/s: ${name}`, unit, actual: spreadOf(runs.map(value)).median },
        ...(limit !== undefined && { limit }),
      });
    const atMost = (value: number) => ({ is: 'at most', value }) as const;
    const ofRate = ({ perSec }: Said) => (100 * perSec) / rate;
    const late = ({ report }: (typeof runs)[number]) => report.lateness;
    check('sends late, p50', 'ms', (one) => late(one)?.p50Ms ?? Number.NaN);
    check(
      'sends late, p99',
      'ms',
      (one) => late(one)?.p99Ms ?? Number.NaN,
      latenessMs === undefined ? undefined : atMost(latenessMs),
    );
    check('sends late, p99.9', 'ms', (one) => late(one)?.p999Ms ?? Number.NaN);
    check('a sleeper woken late by this machine, p99', 'ms', ({ ours }) => ours.sleeperP99Ms);
    check('of a core, whole process', '%', ({ ours }) => ours.corePercent, atMost(cpuPercent));
    check('of a core, measured window', '%', ({ report }) => report.generator.cpuPercent);
    check('of the rate reached', '%', ({ ours }) => ofRate(ours.said), { is: 'at least', value: 99 });
    check('dropped', '', ({ report }) => report.dropped);
    check('latency p50', 'ms', ({ ours }) => ours.said.p50Ms);
    check('latency p99', 'ms', ({ ours }) => ours.said.p99Ms);
    check('Go: of a core', '%', ({ go }) => go.corePercent);
    check('Go: of the rate reached', '%', ({ go }) => ofRate(go.said));
    check('Go: latency p99', 'ms', ({ go }) => go.said.p99Ms);
  }
  return checks;
}
