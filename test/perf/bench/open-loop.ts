import type { LoadReport } from '@etcdperf/core/load';
import type { Check } from './checks.ts';
import { measureProcess } from './measure-process.ts';
import { openSite } from './site.ts';
import type { Tool } from './tools.ts';

const SECONDS = 15;
const CASES = [
  { rate: 5000, cpuPercent: 35, latenessMs: 0.5 },
  { rate: 20_000, cpuPercent: 45, latenessMs: undefined },
];

/**
 * Puts at a rate on 10 connections: how late the sends are, whether the rate is held, and what the process takes of a
 * core, start-up and all. Go's tool at the same rates for comparison.
 */
export async function measureOpenLoop(tools: { ours: Tool; go: Tool }, folder: string): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { rate, cpuPercent, latenessMs } of CASES) {
    const put = ['put', '--key-size=8', '--val-size=256', '--key-space-size=100000', `--rate=${rate}`, '--conns=10'];
    const run = async (tool: Tool, extra: readonly string[]) => {
      await using site = await openSite('memory', folder);
      // Awaited here: the site is gone once this returns.
      return await measureProcess(tool.argv([...put, ...extra, ...site.flags]), folder);
    };
    const ours = await run(tools.ours, [`--duration=${SECONDS}s`]);
    const report = JSON.parse(ours.stdout) as LoadReport;
    const said = tools.ours.read(ours.stdout);
    const go = await run(tools.go, [`--total=${rate * SECONDS}`, '--clients=1000']);
    const goSaid = tools.go.read(go.stdout);
    const name = (text: string) => `open-loop ${rate}/s: ${text}`;
    checks.push(
      {
        name: name('sends late, p99'),
        actual: report.lateness?.p99Ms ?? Number.NaN,
        unit: 'ms',
        ...(latenessMs !== undefined && { limit: { is: 'at most', value: latenessMs } }),
      },
      { name: name('sends late, p99.9'), actual: report.lateness?.p999Ms ?? Number.NaN, unit: 'ms' },
      {
        name: name('of a core, whole process'),
        actual: (100 * ours.cpuSeconds) / ours.wallSeconds,
        unit: '%',
        limit: { is: 'at most', value: cpuPercent },
      },
      { name: name('of a core, measured window'), actual: report.generator.cpuPercent, unit: '%' },
      {
        name: name('of the rate reached'),
        actual: (100 * said.perSec) / rate,
        unit: '%',
        limit: { is: 'at least', value: 99 },
      },
      { name: name('dropped'), actual: report.dropped, unit: '' },
      { name: name('latency p50'), actual: said.p50Ms, unit: 'ms' },
      { name: name('latency p99'), actual: said.p99Ms, unit: 'ms' },
      { name: name('Go: of a core'), actual: (100 * go.cpuSeconds) / go.wallSeconds, unit: '%' },
      { name: name('Go: of the rate reached'), actual: (100 * goSaid.perSec) / rate, unit: '%' },
      { name: name('Go: latency p99'), actual: goSaid.p99Ms, unit: 'ms' },
    );
  }
  return checks;
}
