import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadReport } from '@etcdperf/core/load';
import { startEtcd } from '@etcdperf/core/testing';
import { type Check, isMet, renderCheck } from '../bench/checks.ts';
import { type Measured, measureProcess } from '../bench/measure-process.ts';
import { spreadOf } from '../bench/statistics.ts';
import { fillKeys } from './fill-keys.ts';
import type { MeasureRow } from './main.ts';

const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const KEYS = 1_000_000;
const VALUE_BYTES = 256;
/** Of a transaction: as many as etcd takes unless told otherwise. */
const BATCH = 128;
/** The defaults of backup:load. */
const MANNER = ['--connections=4', '--clients=16'];
const LEAST_THROUGHPUT = 0.9;
const QUOTA_BYTES = 8 * 2 ** 30;

interface Figures {
  readonly keysPerSec: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/**
 * backup:load of a CSV dump beside bench:txn-put of as many keys and bytes: the same batches, connections and clients, each
 * into an empty etcd in memory. Keys per second are those of the load itself; the wall and CPU seconds of the processes are
 * shown besides, of backup:load with the verification of the file before.
 */
export const measureRow: MeasureRow = async ({ pairs, scale, folder, signal }) => {
  const keys = Math.round(KEYS * scale);
  const file = join(existsSync('/dev/shm') ? '/dev/shm' : folder, `etcdperf-load-${process.pid}.csv`);
  const runs = `--runs-dir=${join(folder, 'runs')}`;
  const load = ['backup:load', file, `--batch=${BATCH}`];
  const put = ['bench:txn-put', `--txn-ops=${BATCH}`, `--val-size=${VALUE_BYTES}`, `--key-size=28`].concat([
    '--sequential-keys',
    `--key-space-size=${keys}`,
    `--total=${Math.ceil(keys / BATCH)}`,
  ]);
  const run = async (argv: readonly string[], read: (stdout: string) => number): Promise<Figures> => {
    signal.throwIfAborted();
    await using etcd = await startEtcd({ flags: { 'quota-backend-bytes': QUOTA_BYTES } });
    const all = [process.execPath, BIN, ...argv, ...MANNER, runs, `--endpoints=${etcd.endpoints[0]}`, '--json'];
    const { stdout, wallSeconds, cpuSeconds }: Measured = await measureProcess(all, folder);
    const figures = { keysPerSec: read(stdout), wallSeconds, cpuSeconds };
    process.stderr.write(`${argv[0]}: ${JSON.stringify(figures)}\n`);
    return figures;
  };
  const ours = () => run(load, (stdout) => keysPerSecOf(JSON.parse(stdout), keys));
  const theirs = () => run(put, (stdout) => (JSON.parse(stdout) as LoadReport).series[0]!.perSec * BATCH);
  try {
    await dumpKeys(file, keys, folder);
    const measured: { ours: Figures; theirs: Figures }[] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      const first = pair % 2 === 0 ? await ours() : undefined;
      const other = await theirs();
      measured.push({ ours: first ?? (await ours()), theirs: other });
    }
    const checks = judge(measured);
    console.log(
      `${cpus().length} × ${cpus()[0]?.model}, shared with etcd; node ${process.version}; ${pairs} pairs, medians`,
    );
    console.log(`${keys} keys of ${VALUE_BYTES} B, ${BATCH} in a transaction, ${MANNER.join(' ')}`);
    for (const check of checks) console.log(renderCheck(check));
    return checks.every(isMet);
  } finally {
    await Promise.all(['', '.part', '.manifest.json'].map((end) => rm(file + end, { force: true })));
  }
};

async function dumpKeys(file: string, keys: number, folder: string): Promise<void> {
  await using etcd = await startEtcd({ flags: { 'quota-backend-bytes': QUOTA_BYTES } });
  await fillKeys(etcd.endpoints, { keys, valueBytes: VALUE_BYTES });
  const dump = [process.execPath, BIN, 'backup:dump', `--endpoints=${etcd.endpoints[0]}`, '--output', file];
  await measureProcess(dump, folder);
}

function keysPerSecOf(result: { readonly keys: number; readonly keysPerSec: number }, keys: number): number {
  if (result.keys === keys) return result.keysPerSec;
  throw new Error(`${result.keys} of ${keys} keys were put`);
}

/** Pair by pair: what the machine does meanwhile, both have. */
function judge(pairs: readonly { readonly ours: Figures; readonly theirs: Figures }[]): Check[] {
  const median = (side: 'ours' | 'theirs', figure: keyof Figures) =>
    spreadOf(pairs.map((pair) => pair[side][figure])).median;
  const both = (figure: keyof Figures, unit: string): Check[] => [
    { name: `${figure}, backup:load`, actual: median('ours', figure), unit },
    { name: `${figure}, bench:txn-put`, actual: median('theirs', figure), unit },
  ];
  return [
    ...both('keysPerSec', '/s'),
    ...both('wallSeconds', 's'),
    ...both('cpuSeconds', 's'),
    {
      name: 'throughput, backup:load over bench:txn-put',
      actual: spreadOf(pairs.map(({ ours, theirs }) => ours.keysPerSec / theirs.keysPerSec)).median,
      unit: '×',
      limit: { is: 'at least', value: LEAST_THROUGHPUT },
    },
  ];
}
