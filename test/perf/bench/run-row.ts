import { measureProcess } from './measure-process.ts';
import type { Row } from './rows.ts';
import { openSite } from './site.ts';
import { type Spread, spreadOf } from './statistics.ts';
import type { Said, Tool } from './tools.ts';

/** One run of one tool against an etcd of its own. */
export interface Measurement extends Said {
  readonly cpuSeconds: number;
  /** Of all that was done, over the process's whole CPU time. */
  readonly perCpuSecond: number;
}

export interface RowResult {
  readonly row: Row;
  /** As typed, the endpoints as they were in the last pair. */
  readonly commands: { readonly ours: string; readonly go: string };
  readonly pairs: readonly { readonly ours: Measurement; readonly go: Measurement }[];
  /** CPU seconds of the same command lines with a single request: the start, the connections, the end. */
  readonly startUp: { readonly ours: number; readonly go: number };
  /** Ours over Go's, of each pair. */
  readonly ratios: {
    readonly perCpuSecond: Spread;
    /** The same without what a single request takes; no limit is held to it. */
    readonly perCpuSecondNet: Spread;
    readonly throughput: Spread;
  };
  readonly isMet: boolean;
}

export interface RunRowOptions {
  readonly pairs: number;
  readonly total: number;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
}

/** Runs the pairs of a row. Who goes first changes from pair to pair; each run has a fresh etcd. */
export async function runRow(
  row: Row,
  tools: { readonly ours: Tool; readonly go: Tool },
  options: RunRowOptions,
): Promise<RowResult> {
  const commands = { ours: '', go: '' };
  const rowTotal = Math.max(1, Math.round(options.total / row.divisor));
  const run = async (name: 'ours' | 'go', total = rowTotal): Promise<Measurement> => {
    options.signal.throwIfAborted();
    await using site = await openSite(row.place, options.folder);
    const load = [`--conns=${row.connections}`, `--clients=${row.clients}`, `${row.totalFlag}=${total}`];
    const argv = tools[name].argv([row.command, ...row.args, ...load, ...site.flags]);
    if (total === rowTotal) commands[name] = argv.join(' ');
    const { cpuSeconds, stdout } = await measureProcess(argv, options.folder);
    const said = tools[name].read(stdout);
    if (said.failed > 0) throw new Error(`${row.name}: ${said.failed} requests of ${name} failed`);
    options.onStep(`${row.name} ${name}: ${Math.round(said.perSec)}/s, ${cpuSeconds.toFixed(2)} s CPU`);
    return { ...said, cpuSeconds, perCpuSecond: said.done / cpuSeconds };
  };
  const pairs: { ours: Measurement; go: Measurement }[] = [];
  while (pairs.length < options.pairs) {
    const first = pairs.length % 2 === 0 ? await run('ours') : undefined;
    const go = await run('go');
    pairs.push({ ours: first ?? (await run('ours')), go });
  }
  const startUp = { ours: (await run('ours', 1)).cpuSeconds, go: (await run('go', 1)).cpuSeconds };
  const net = (side: 'ours' | 'go', { done, cpuSeconds }: Measurement) => done / (cpuSeconds - startUp[side]);
  const ratios = {
    perCpuSecond: spreadOf(pairs.map(({ ours, go }) => ours.perCpuSecond / go.perCpuSecond)),
    perCpuSecondNet: spreadOf(pairs.map(({ ours, go }) => net('ours', ours) / net('go', go))),
    throughput: spreadOf(pairs.map(({ ours, go }) => ours.perSec / go.perSec)),
  };
  const isMet =
    ratios.perCpuSecond.median >= row.limits.perCpuSecond && ratios.throughput.median >= row.limits.throughput;
  return { row, commands, pairs, startUp, ratios, isMet };
}
