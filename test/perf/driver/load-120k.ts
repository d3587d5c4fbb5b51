import type { LoadReport } from '@etcdperf/core/load';
import type { Check } from '../bench/checks.ts';
import { measureProcess } from '../bench/measure-process.ts';
import { openSite } from '../bench/site.ts';
import { spreadOf } from '../bench/statistics.ts';
import { DOCUMENTED_KEYS, documentedKeyBytes, IP } from './documented.ts';
import { ourCommand } from './our-command.ts';

const KEYS = 120_000;
/** The documented one of a pod, and the peak. */
const CASES = [
  { connections: 20, clients: 20 },
  { connections: 100, clients: 1000 },
];
const LEAST_RATIO = 0.9;

/**
 * Loading the documented pattern beside bench:put, pair by pair: as many puts with keys and values as large, on as many
 * connections by as many callers, each on a fresh etcd in memory. Who goes first changes from pair to pair.
 */
export async function measureLoading(folder: string, pairs: number, onStep: (text: string) => void): Promise<Check[]> {
  const driver = ['driver:run', `--pattern=${DOCUMENTED_KEYS};[0-9]{140,160}`, `--ip=${IP}`];
  const bench = [
    ...['bench:put', `--total=${KEYS}`, `--key-space-size=${KEYS}`, '--sequential-keys'],
    ...[`--key-size=${documentedKeyBytes()}`, '--val-size=150'],
  ];
  const run = async (command: readonly string[], { connections, clients }: (typeof CASES)[number]) => {
    await using site = await openSite('memory', folder);
    const load = [`--conns=${connections}`, `--clients=${clients}`, ...site.flags];
    const { stdout } = await measureProcess(ourCommand([...command, ...load], folder), folder);
    const printed = JSON.parse(stdout) as LoadReport & { readonly ramp?: LoadReport };
    const [series] = (printed.ramp ?? printed).series;
    if (series?.ok !== KEYS) throw new Error(`${command[0]} put ${series?.ok} keys of ${KEYS}`);
    onStep(`${command[0]}, ${clients} clients: ${Math.round(series.perSec)}/s`);
    return series.perSec;
  };
  const checks: Check[] = [];
  for (const one of CASES) {
    const found: { ours: number; bench: number }[] = [];
    while (found.length < pairs) {
      const first = found.length % 2 === 0 ? await run(driver, one) : undefined;
      const peer = await run(bench, one);
      found.push({ ours: first ?? (await run(driver, one)), bench: peer });
    }
    const name = (text: string) => `load-120k, ${one.clients} clients on ${one.connections}: ${text}`;
    const ratio = spreadOf(found.map((pair) => pair.ours / pair.bench));
    checks.push(
      { name: name('keys loaded'), actual: spreadOf(found.map(({ ours }) => ours)).median, unit: '/s' },
      { name: name('bench:put'), actual: spreadOf(found.map((pair) => pair.bench)).median, unit: '/s' },
      {
        name: name('of bench:put, median'),
        actual: ratio.median,
        unit: '',
        limit: { is: 'at least', value: LEAST_RATIO },
      },
      { name: name('of bench:put, worst pair'), actual: ratio.min, unit: '' },
    );
  }
  return checks;
}
