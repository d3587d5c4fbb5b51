import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../../../bin/run.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs, as a user would have started it. */
export interface RunningCommand {
  readonly process: ChildProcess;
  /** What it has written until now. */
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<Ended>;
}

/** Where a command is started: its folder, and its environment with the cluster's endpoints in it. */
export interface CommandPlace {
  readonly cwd: string;
  readonly endpoints: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the built command line (`npm run build`). */
export function startCommand(argv: readonly string[], place: CommandPlace): RunningCommand {
  return start(process.execPath, [bin, ...argv], place);
}

/** Starts what one would type into a shell that knows the command `etcdperf`. */
export function startShell(text: string, place: CommandPlace): RunningCommand {
  const env = { ...place.env, TEST_NODE: process.execPath, TEST_BIN: bin };
  return start('sh', ['-c', `etcdperf() { "$TEST_NODE" "$TEST_BIN" "$@"; }\n${text}`], { ...place, env });
}

function start(program: string, args: readonly string[], place: CommandPlace): RunningCommand {
  const { NODE_ENV: _testing, ...env } = process.env;
  const child = spawn(program, args, {
    cwd: place.cwd,
    env: { ...env, ETCDPERF_ENDPOINTS: place.endpoints.join(','), ...place.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    process: child,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    ended,
  };
}
