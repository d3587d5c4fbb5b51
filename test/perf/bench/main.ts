// npm run perf -- bench [--row put-100-1000,open-loop] [--pairs 3] [--total 100000] [--minutes 10]: bench:* beside
// etcd's own Go `benchmark`, pair by pair, in one run. Without --row all of the table, then the open loop, the stall
// and the memory (an hour and more). Names of rows may end with *.
//
// What is compared: requests per client CPU second (user and system time of the whole process, start-up and all, over
// what the tool says it did), and each tool's own requests per second. Ours is the command that users run, with all
// that it records. Each run has a fresh etcd; who goes first changes from pair to pair.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Check, isMet, renderCheck } from './checks.ts';
import { measureMemory } from './memory.ts';
import { measureOpenLoop } from './open-loop.ts';
import { renderRows } from './render-rows.ts';
import { ROWS } from './rows.ts';
import { type RowResult, runRow } from './run-row.ts';
import { measureStall } from './stall.ts';
import { goTool, ourTool } from './tools.ts';

const SPECIALS = ['open-loop', 'stall', 'memory'] as const;

const { values } = parseArgs({
  options: {
    row: { type: 'string', default: '*' },
    pairs: { type: 'string', default: '3' },
    total: { type: 'string', default: '100000' },
    minutes: { type: 'string', default: '10' },
    json: { type: 'string' },
  },
});
const wanted = values.row.split(',').map((name) => new RegExp(`^${name.replaceAll('*', '.*')}$`));
const isWanted = (name: string) => wanted.some((pattern) => pattern.test(name));
const rows = ROWS.filter(({ name }) => isWanted(name));
const specials = SPECIALS.filter(isWanted);
if (rows.length + specials.length === 0) {
  console.error(`no such row; there are: ${[...ROWS.map(({ name }) => name), ...SPECIALS].join(', ')}`);
  process.exit(2);
}

const folder = await mkdtemp(join(tmpdir(), 'etcdperf-bench-'));
// A lab that runs on this machine is read by each command: that is not what is measured.
process.env.ETCDPERF_STATE_DIR = join(folder, 'state');
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
const onStep = (text: string) => void process.stderr.write(`${text}\n`);
const results: RowResult[] = [];
const checks: Check[] = [];
const problems: string[] = [];
try {
  const tools = { ours: ourTool(folder), go: await goTool() };
  const options = { pairs: Number(values.pairs), total: Number(values.total), folder, onStep };
  // Fills file caches and node's compile cache, as any earlier run has.
  const [first] = ROWS;
  if (rows.length > 0) {
    await attempt('warm-up', async () => {
      await runRow(first!, tools, { ...options, pairs: 1, total: 1000, signal: interrupted.signal });
    });
  }
  for (const row of rows) {
    await attempt(row.name, async () => {
      results.push(await runRow(row, tools, { ...options, signal: interrupted.signal }));
    });
  }
  for (const name of specials) {
    await attempt(name, async () => {
      if (name === 'open-loop') checks.push(...(await measureOpenLoop(tools, folder, options.pairs, onStep)));
      else if (name === 'stall') checks.push(...(await measureStall(tools, folder)));
      else checks.push(...(await measureMemory(tools.ours, folder, Number(values.minutes), onStep)));
    });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

const [cpu] = cpus();
console.log(
  `${cpus().length} × ${cpu?.model}, shared by clients and etcd; node ${process.version}; ${values.pairs} pairs; ` +
    "CPU is the whole process's, requests per second are each tool's own figure",
);
if (results.length > 0) console.log(renderRows(results));
for (const { row, commands } of results) {
  console.log(`${row.name}\n  ${commands.ours}\n  ${commands.go}`);
}
for (const check of checks) console.log(renderCheck(check));
for (const problem of problems) console.log(`FAILED ${problem}`);
if (values.json !== undefined) {
  await writeFile(resolve(values.json), `${JSON.stringify({ results, checks, problems }, null, 2)}\n`);
}
const isAllMet = results.every((result) => result.isMet) && checks.every(isMet);
process.exitCode = problems.length > 0 ? 1 : isAllMet ? 0 : 3;

/** One row that fails must not cost what the others show; Ctrl-C ends them all. */
async function attempt(name: string, work: () => Promise<void>): Promise<void> {
  if (interrupted.signal.aborted) return;
  try {
    await work();
  } catch (error) {
    problems.push(`${name}: ${(error as Error).message.slice(0, 2000)}`);
    onStep(problems.at(-1)!);
  }
}
