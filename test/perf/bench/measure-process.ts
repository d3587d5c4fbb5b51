import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What one process cost, start-up and all, and what it printed. */
export interface Measured {
  readonly wallSeconds: number;
  /** User and system time of the process and of all that it started and waited for. */
  readonly cpuSeconds: number;
  readonly stdout: string;
}

/** Bash's own `time`: rusage of the finished process, without a process of its own. */
const SCRIPT = 'TIMEFORMAT="%3R %3U %3S"; out=$1; shift; { time "$@" 2>&3; } 3>&2 2>"$out"';

/** Runs it once; any exit code but 0 is an error that holds what it said. */
export async function measureProcess(argv: readonly string[], folder: string): Promise<Measured> {
  const report = join(folder, 'time');
  const { stdout } = await promisify(execFile)('bash', ['-c', SCRIPT, 'bash', report, ...argv], {
    cwd: folder,
    maxBuffer: 64 * 2 ** 20,
  }).catch((error: { code: number; stdout: string; stderr: string }) => {
    const said = `${error.stderr.slice(-1000)}${error.stdout.slice(0, 1000)}`;
    throw new Error(`exit ${error.code}: ${argv.join(' ')}\n${said}`);
  });
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = (await readFile(report, 'utf8'))
    .trim()
    .split(' ')
    .map(Number);
  return { wallSeconds: wall, cpuSeconds: user + system, stdout };
}
