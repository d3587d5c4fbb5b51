// npm run perf -- startup [--runs 20]: what a start costs beside node's own, pair by pair in one run.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' } } });
const runs = Number(values.runs);
const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const LIMIT = 2.5;

const subjects = [
  { name: 'etcdperf --version', args: [bin, '--version'] },
  { name: 'etcdperf election:agents --help', args: [bin, 'election:agents', '--help'] },
];

let missed = false;
for (const { name, args } of subjects) {
  // One of each is thrown away: it fills the file cache and node's compile cache, as any earlier start has.
  timeMs(args);
  timeMs(['-e', '0']);
  const ratios: number[] = [];
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const ours = timeMs(args);
    ratios.push(ours / timeMs(['-e', '0']));
    times.push(ours);
  }
  const ratio = median(ratios);
  missed ||= ratio > LIMIT;
  console.log(`${name}: ${median(times).toFixed(0)} ms, ${ratio.toFixed(2)} × node -e 0 (at most ${LIMIT})`);
}
process.exitCode = missed ? 3 : 0;

function timeMs(args: readonly string[]): number {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
