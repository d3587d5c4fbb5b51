import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { resolveEtcdBinary, startLocalCluster } from '@etcdperf/core/etcd';
import type { MeasureRow } from './main.ts';
import { inPairs, median } from './measure.ts';

const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const MEMBERS = 5;
const MAX_RATIO = 1.5;
/** More than elsewhere: each takes less than a tenth of a second. */
const PAIRS_PER_RUN = 4;
const LOOKS = 60;

/**
 * harness:status of five members beside `etcdctl endpoint status --cluster`, each a process of its own, and beside it the
 * looks of one that stays (`--watch`). Ours also reads through raft and scrapes the metrics.
 */
export const measureRow: MeasureRow = async ({ runs, signal }) => {
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-status-'));
  try {
    await using cluster = await startLocalCluster({ dir: join(folder, 'cluster'), members: MEMBERS, signal });
    const endpoints = cluster.endpoints.join(',');
    const etcd = await resolveEtcdBinary({ version: cluster.version });
    const etcdctl = join(dirname(etcd.path), 'etcdctl');
    const ours = () => seconds(process.execPath, BIN, 'harness:status', '--endpoints', endpoints);
    const theirs = () =>
      seconds(etcdctl, `--endpoints=${cluster.endpoints[0]}`, 'endpoint', 'status', '--cluster', '-w', 'table');
    // Once for nothing: caches are filled.
    await ours();
    await theirs();
    const pairs = await inPairs(runs * PAIRS_PER_RUN, ours, theirs, signal);
    const bare = await inPairs(runs, () => seconds(process.execPath, '-e', '0'), theirs, signal);
    const ratio = median(pairs.map((pair) => pair.ours / pair.theirs));
    const ms = (values: readonly number[]) => `${(median(values) * 1000).toFixed(0)} ms`;
    const lookMs = await watchedLookMs(endpoints);
    console.log(`${MEMBERS} members, ${pairs.length} pairs, medians`);
    console.log(
      `harness:status ${ms(pairs.map((pair) => pair.ours))}, etcdctl endpoint status --cluster ${ms(pairs.map((pair) => pair.theirs))}`,
    );
    console.log(`ours/theirs: ${ratio.toFixed(2)} (at most ${MAX_RATIO})`);
    console.log(`node alone/theirs: ${median(bare.map((pair) => pair.ours / pair.theirs)).toFixed(2)}`);
    console.log(`a look of harness:status --watch: ${lookMs.toFixed(1)} ms`);
    return ratio <= MAX_RATIO;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** How long a process takes from its start to its end. Rejects where it fails. */
async function seconds(file: string, ...args: string[]): Promise<number> {
  const from = performance.now();
  await promisify(execFile)(file, args);
  return (performance.now() - from) / 1000;
}

/** One look after the other; the first ones, in which node still compiles, are left out. */
async function watchedLookMs(endpoints: string): Promise<number> {
  const args = ['harness:status', '--endpoints', endpoints, '--watch', '--interval', '1ms', '--json'];
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const times: number[] = [];
  for await (const _ of createInterface(child.stdout)) {
    times.push(performance.now());
    if (times.length === LOOKS) child.kill('SIGINT');
  }
  await ended;
  const from = Math.floor(LOOKS / 3);
  return (times[LOOKS - 1]! - times[from]!) / (LOOKS - 1 - from);
}
