// npm run perf -- fanout [--hosts 50] [--runs 5]: hosts:run beside pssh and clush on the same lab hosts, in interleaved
// pairs. What counts is the time until all are done, and the CPU that the client takes: its host is often the one that
// also generates load.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createLab, type Lab } from '@etcdperf/core/lab';

const MAX_WALL_RATIO = 1;
const MAX_CPU_RATIO = 0.2;
const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** Seconds. CPU is user and system time of the client and of every process that it started. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

const { values } = parseArgs({
  options: { hosts: { type: 'string', default: '50' }, runs: { type: 'string', default: '5' } },
});
const hosts = Number(values.hosts);
const runs = Number(values.runs);
const folder = await mkdtemp(join(tmpdir(), 'etcdperf-fanout-'));
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
try {
  process.stderr.write(`making ${hosts} hosts\n`);
  await using lab = await createLab({ hosts }, interrupted.signal);
  const { ours, peers } = await contenders(lab);
  // One of each is thrown away: it fills file caches and node's compile cache, as any earlier run has.
  for (const argv of [ours, ...Object.values(peers)]) await measure(argv);

  const pairs = new Map(Object.keys(peers).map((name) => [name, [] as { ours: Cost; theirs: Cost }[]]));
  for (let run = 0; run < runs; run++) {
    for (const [name, argv] of Object.entries(peers)) {
      interrupted.signal.throwIfAborted();
      // Who goes first changes from run to run: what one leaves behind must not always be the other's.
      const first = run % 2 === 0 ? await measure(ours) : undefined;
      const theirs = await measure(argv);
      pairs.get(name)?.push({ ours: first ?? (await measure(ours)), theirs });
    }
  }
  process.exitCode = report(pairs) ? 0 : 3;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function contenders(lab: Lab) {
  const list = join(folder, 'hosts');
  await writeFile(list, lab.hosts.map(({ address }) => `${address}\n`).join(''));
  const options = ['IdentitiesOnly=yes', `UserKnownHostsFile=${lab.knownHostsPath}`, 'BatchMode=yes'];
  const ssh = ['-F', '/dev/null', '-i', lab.sshKeyPath, ...options.map((option) => `-o${option}`)].join(' ');
  const pssh = (await has('parallel-ssh')) ? 'parallel-ssh' : 'pssh';
  return {
    ours: [process.execPath, bin, 'hosts:run', '--inventory', lab.inventoryPath, '--', 'true'],
    peers: {
      pssh: [pssh, '-p', String(hosts), '-t', '60', '-h', list, '-l', 'root', '-x', ssh, 'true'],
      clush: ['clush', '-q', '-f', String(hosts), '--hostfile', list, '-l', 'root', '-o', ssh, 'true'],
    },
  };
}

async function has(program: string): Promise<boolean> {
  return promisify(execFile)('which', [program]).then(
    () => true,
    () => false,
  );
}

/** Runs it once; every host must have done its part. */
async function measure(argv: readonly string[]): Promise<Cost> {
  const report = join(folder, 'time');
  // bash's own time: it sums up what all descendants took, and costs no process of its own.
  const script = 'TIMEFORMAT="%R %U %S"; out=$1; shift; { time "$@" 2>&3; } 3>&2 2>"$out"';
  await promisify(execFile)('bash', ['-c', script, 'bash', report, ...argv], { cwd: folder });
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = (await readFile(report, 'utf8'))
    .trim()
    .split(' ')
    .map(Number);
  return { wall, cpu: user + system };
}

/** Whether all limits are kept. */
function report(pairs: ReadonlyMap<string, readonly { ours: Cost; theirs: Cost }[]>): boolean {
  let kept = true;
  const all = [...pairs.values()].flat().map((pair) => pair.ours);
  const line = (name: string, costs: readonly Cost[]) =>
    `${name.padEnd(22)} wall ${seconds(costs.map(({ wall }) => wall))}   client CPU ${seconds(costs.map(({ cpu }) => cpu))}`;
  console.log(`${hosts} hosts, ${runs} runs, medians`);
  console.log(line('hosts:run -- true', all));
  for (const [name, measured] of pairs) {
    const theirs = measured.map((pair) => pair.theirs);
    const wall = median(measured.map((pair) => pair.ours.wall / pair.theirs.wall));
    const cpu = median(measured.map((pair) => pair.ours.cpu / pair.theirs.cpu));
    kept &&= wall <= MAX_WALL_RATIO && cpu <= MAX_CPU_RATIO;
    console.log(line(name, theirs));
    console.log(
      `  ours/theirs: wall ${wall.toFixed(2)} (at most ${MAX_WALL_RATIO}), client CPU ${cpu.toFixed(3)} (at most ${MAX_CPU_RATIO})`,
    );
  }
  return kept;
}

function seconds(values: readonly number[]): string {
  return `${median(values).toFixed(2)} s`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
