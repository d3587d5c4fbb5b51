import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findEtcdTool, startEtcd } from '@etcdperf/core/testing';
import { type Check, isMet, renderCheck } from '../bench/checks.ts';
import { spreadOf } from '../bench/statistics.ts';
import { fillKeys, type KeysToFill } from './fill-keys.ts';
import type { MeasureRow, RowOptions } from './main.ts';
import { measureProgram } from './measure-dump.ts';

const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const STORES: readonly KeysToFill[] = [
  { keys: 1_000_000, valueBytes: 256 },
  { keys: 100_000, valueBytes: 10_240 },
];
const LEAST_PER_CPU_SECOND = 3;
const MOST_WALL = 1;
const MOST_RSS_MB = 150;
const QUOTA_BYTES = 8 * 2 ** 30;

/**
 * backup:dump of one member in memory beside `etcdctl get --prefix "" -w fields`, each a process that writes a file. The
 * dump verifies nothing less than it does for users: checksum, manifest, flush.
 */
export const measureRow: MeasureRow = async (options) => {
  const checks: Check[] = [];
  for (const store of STORES) checks.push(...(await measureStore(store, options)));
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, shared with etcd; node ${process.version}; ${options.pairs} pairs, medians`,
  );
  for (const check of checks) console.log(renderCheck(check));
  return checks.every(isMet);
};

async function measureStore(
  { keys: fullKeys, valueBytes }: KeysToFill,
  { pairs, scale, folder, signal }: RowOptions,
): Promise<Check[]> {
  const keys = Math.round(fullKeys * scale);
  const etcdctl = await findEtcdTool('etcdctl');
  await using etcd = await startEtcd({ flags: { 'quota-backend-bytes': QUOTA_BYTES } });
  await fillKeys(etcd.endpoints, { keys, valueBytes });
  const endpoint = `--endpoints=${etcd.endpoints[0]}`;
  // Both onto the same file system, in memory where there is one: the disk is not what is measured.
  const place = existsSync('/dev/shm') ? '/dev/shm' : folder;
  const file = join(place, `etcdperf-dump-${process.pid}`);
  const dump = [process.execPath, BIN, 'backup:dump', endpoint, '--output', file, '--force'];
  const get = [etcdctl, endpoint, '--command-timeout=30m', 'get', '--prefix', '', '-w', 'fields'];
  const measured = { ours: [] as Figures[], theirs: [] as Figures[] };
  const run = async (who: keyof typeof measured) => {
    signal.throwIfAborted();
    const argv = who === 'ours' ? dump : get;
    const { wallSeconds, cpuSeconds, peakRssMb } = await measureProgram(
      argv,
      folder,
      who === 'ours' ? join(folder, 'stdout') : file,
    );
    const { size } = await stat(file);
    if (size < keys * valueBytes) throw new Error(`${who}: ${size} bytes can't be ${keys} keys`);
    measured[who].push({ wallSeconds, perCpuSecond: keys / cpuSeconds, peakRssMb });
    process.stderr.write(
      `${keys} × ${valueBytes} B, ${who}: ${wallSeconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(2)} s, ${peakRssMb.toFixed(0)} MB\n`,
    );
  };
  try {
    // Once for nothing: etcd's pages are in memory, and node's compile cache is filled.
    await run('ours');
    measured.ours.length = 0;
    for (let pair = 0; pair < pairs; pair++)
      for (const who of pair % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)) await run(who);
  } finally {
    await Promise.all(
      ['', '.part', '.manifest.json', '.manifest.json.part'].map((end) => rm(file + end, { force: true })),
    );
  }
  return judge(`${keys} keys of ${valueBytes} B`, measured.ours, measured.theirs);
}

interface Figures {
  readonly wallSeconds: number;
  readonly perCpuSecond: number;
  readonly peakRssMb: number;
}

/** Pair by pair: what the machine does meanwhile, both have. */
function judge(name: string, ours: readonly Figures[], theirs: readonly Figures[]): Check[] {
  const ratio = (figure: keyof Figures) =>
    spreadOf(ours.map((one, pair) => one[figure] / theirs[pair]![figure])).median;
  const median = (all: readonly Figures[], figure: keyof Figures) => spreadOf(all.map((one) => one[figure])).median;
  return [
    { name: `${name}: keys per CPU second, ours`, actual: median(ours, 'perCpuSecond'), unit: '/s' },
    { name: `${name}: keys per CPU second, etcdctl`, actual: median(theirs, 'perCpuSecond'), unit: '/s' },
    {
      name: `${name}: keys per CPU second, ours over etcdctl's`,
      actual: ratio('perCpuSecond'),
      unit: '×',
      limit: { is: 'at least', value: LEAST_PER_CPU_SECOND },
    },
    { name: `${name}: wall time, ours`, actual: median(ours, 'wallSeconds'), unit: 's' },
    { name: `${name}: wall time, etcdctl`, actual: median(theirs, 'wallSeconds'), unit: 's' },
    {
      name: `${name}: wall time, ours over etcdctl's`,
      actual: ratio('wallSeconds'),
      unit: '×',
      limit: { is: 'at most', value: MOST_WALL },
    },
    {
      name: `${name}: RSS, ours, peak of all runs`,
      actual: Math.max(...ours.map(({ peakRssMb }) => peakRssMb)),
      unit: 'MB',
      limit: { is: 'at most', value: MOST_RSS_MB },
    },
    { name: `${name}: RSS, etcdctl`, actual: median(theirs, 'peakRssMb'), unit: 'MB' },
  ];
}
