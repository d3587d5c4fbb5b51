// npm run perf -- driver [--row load-120k,fifty-pods] [--pairs 3] [--seconds 60]: driver:* against its limits. Rows:
// - load-120k: loading the documented pattern beside bench:put, pair by pair
// - fifty-pods: the rates of the whole documented deployment in one process
// - generate: keys and values per CPU second, and what 10^9 keys take
// - leases-250k, watchers-100k: what one process takes that holds so many
// Without --row all of them (some ten minutes). What runs is the built program (`npm run build`), each with an etcd of
// its own that shares this machine. Names of rows may end with *.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Check, isMet, renderCheck } from '../bench/checks.ts';
import { measureFiftyPods } from './fifty-pods.ts';
import { measureGeneration } from './generate.ts';
import { measureLeases } from './leases.ts';
import { measureLoading } from './load-120k.ts';
import { measureWatchers } from './watchers.ts';

const { values } = parseArgs({
  options: {
    row: { type: 'string', default: '*' },
    pairs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '60' },
    json: { type: 'string' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'etcdperf-driver-'));
const onStep = (text: string) => void process.stderr.write(`${text}\n`);
const rows: Readonly<Record<string, () => Check[] | Promise<Check[]>>> = {
  'load-120k': () => measureLoading(folder, Number(values.pairs), onStep),
  'fifty-pods': () => measureFiftyPods(folder, Number(values.seconds), onStep),
  generate: measureGeneration,
  'leases-250k': measureLeases,
  'watchers-100k': measureWatchers,
};
const wanted = values.row.split(',').map((name) => new RegExp(`^${name.replaceAll('*', '.*')}$`));
const chosen = Object.entries(rows).filter(([name]) => wanted.some((pattern) => pattern.test(name)));
if (chosen.length === 0) {
  console.error(`no such row; there are: ${Object.keys(rows).join(', ')}`);
  process.exit(2);
}

const checks: Check[] = [];
const problems: string[] = [];
let isInterrupted = false;
process.once('SIGINT', () => {
  isInterrupted = true;
});
try {
  for (const [name, measure] of chosen) {
    if (isInterrupted) break;
    // One row that fails must not cost what the others show.
    try {
      checks.push(...(await measure()));
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message.slice(0, 2000)}`);
      onStep(problems.at(-1)!);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

const [cpu] = cpus();
console.log(`${cpus().length} × ${cpu?.model}, shared with etcd; node ${process.version}`);
for (const check of checks) console.log(renderCheck(check));
for (const problem of problems) console.log(`FAILED ${problem}`);
if (values.json !== undefined)
  await writeFile(resolve(values.json), `${JSON.stringify({ checks, problems }, null, 2)}\n`);
process.exitCode = problems.length > 0 ? 1 : checks.every(isMet) ? 0 : 3;
