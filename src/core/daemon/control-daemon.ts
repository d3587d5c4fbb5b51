import { InputError, OperationError } from '../errors/index.ts';
import type { Executor, RunResult } from '../ssh/index.ts';
import {
  type DaemonKill,
  type DaemonRestart,
  type DaemonSignal,
  type DaemonSpec,
  type DaemonState,
  daemonLog,
  type RunningDaemon,
} from './daemon.ts';
import { DAEMON_SCRIPT } from './daemon-script.ts';
import { parseReport, parseReports } from './parse-report.ts';

/** Exit codes of DAEMON_SCRIPT. */
const NOT_RUNNING = 3;
const NOT_NOTED = 4;
const NOT_PREPARED = 90;
const ALREADY_RUNS = 73;

/** Arguments: DAEMON_SCRIPT, a script and its two arguments, then DAEMON_SCRIPT's own. */
const PREPARED_SCRIPT = `
sh -c "$2" sh "$3" "$4" </dev/null || exit ${NOT_PREPARED}
daemon=$1; shift 4
exec sh -c "$daemon" sh "$@"
`;

/** What should have been done before a daemon's start failed; the message is the last line of what it said. */
export class DaemonNotPrepared extends OperationError {}

const NAME = /^[a-z0-9][a-z0-9.-]*$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface DaemonOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface StopOptions extends DaemonOptions {
  /** Time between SIGTERM and SIGKILL, milliseconds; default 5000. */
  readonly graceMs?: number | undefined;
}

/**
 * Starts a process in its own session that stays when the connection ends; one round trip. Returns once the program has
 * been executed and its pid recorded. Throws `OperationError` when one of that name runs already, nothing can be
 * written, or the program ended at once (its log's tail is in the message).
 */
export async function startDaemon(
  executor: Executor,
  workDir: string,
  spec: DaemonSpec,
  options: DaemonOptions = {},
): Promise<RunningDaemon> {
  const env = Object.entries(spec.env ?? {});
  const wrong = [
    ...(NAME.test(spec.name) ? [] : [`a daemon's name has letters, digits, dots and dashes, not ${spec.name}`]),
    ...(spec.argv.length > 0 ? [] : ['nothing to run']),
    ...env.filter(([key]) => !VARIABLE.test(key)).map(([key]) => `not an environment variable's name: ${key}`),
  ];
  if (wrong.length > 0) throw new InputError(wrong.join('; '), { where: executor.name });
  const configBytes = spec.config === undefined ? 'none' : String(Buffer.byteLength(spec.config));
  const args = [spec.name, String(spec.nofile ?? 0), spec.cwd ?? '', configBytes];
  const command = [...env.map(([key, value]) => `${key}=${value}`), '--', ...spec.argv];
  const result = await call(executor, workDir, 'start', [...args, ...command], {
    ...options,
    prepare: spec.prepare,
    ...(spec.config !== undefined && { stdin: spec.config }),
  });
  if (result.code === NOT_PREPARED)
    throw new DaemonNotPrepared(result.stderr.trim().split('\n').at(-1) ?? '', { where: executor.name });
  if (result.code === ALREADY_RUNS) {
    throw new OperationError(`${spec.name} already runs, as process ${result.stderr.trim()}`, {
      where: executor.name,
      hint: 'stop it first',
    });
  }
  const state = parseReport(expectDone(executor, spec.name, 'start', result));
  if (state.kind === 'running') return state;
  throw endedAtOnce(executor, workDir, spec.name, state);
}

/** Whether it runs, and how it ended if it doesn't; one round trip. */
export async function daemonState(
  executor: Executor,
  workDir: string,
  name: string,
  options: DaemonOptions = {},
): Promise<DaemonState> {
  return parseReport(expectDone(executor, name, 'state', await call(executor, workDir, 'state', [name], options)));
}

/** The state of every daemon under `workDir`, by name; one round trip. Empty when `workDir` doesn't exist. */
export async function listDaemons(
  executor: Executor,
  workDir: string,
  options: DaemonOptions = {},
): Promise<Map<string, DaemonState>> {
  return parseReports(expectDone(executor, 'daemons', 'list', await call(executor, workDir, 'list', [], options)));
}

/**
 * Signals the daemon's process group, between two readings of that host's wall clock; one round trip. Throws
 * `OperationError` when it doesn't run. Doesn't wait for the end: see `daemonState`.
 */
export async function killDaemon(
  executor: Executor,
  workDir: string,
  name: string,
  signal: DaemonSignal,
  options: DaemonOptions = {},
): Promise<DaemonKill> {
  const result = await call(executor, workDir, 'kill', [name, signal.replace(/^SIG/, '')], options);
  if (result.code === NOT_RUNNING) throw notRunning(executor, name, result);
  const [pid = '', before = '', after = ''] = expectDone(executor, name, 'kill', result).trim().split(' ');
  return { pid: Number(pid), beforeNs: BigInt(before), afterNs: BigInt(after) };
}

/**
 * SIGTERM to the group (and SIGCONT, should it be paused), SIGKILL after `graceMs`, then SIGKILL to whatever it left
 * behind; one round trip. Fine when it doesn't run. Returns how it ended.
 */
export async function stopDaemon(
  executor: Executor,
  workDir: string,
  name: string,
  options: StopOptions = {},
): Promise<DaemonState> {
  const result = await call(executor, workDir, 'stop', [name, grace(options)], options);
  return parseReport(expectDone(executor, name, 'stop', result));
}

/**
 * Ends the daemon as `stopDaemon` does and starts it again with the very same command, environment, limits and config;
 * one round trip, which the host completes even if the connection breaks. Throws `OperationError` when it doesn't run,
 * or ends at once.
 */
export async function restartDaemon(
  executor: Executor,
  workDir: string,
  name: string,
  options: Pick<StopOptions, 'graceMs'> = {},
): Promise<DaemonRestart> {
  const result = await call(executor, workDir, 'restart', [name, grace(options), DAEMON_SCRIPT], {});
  if (result.code === NOT_RUNNING) throw notRunning(executor, name, result);
  if (result.code === NOT_NOTED)
    throw new OperationError(result.stderr.trim(), {
      where: executor.name,
      hint: 'an older etcdperf started it: harness:deploy --restart notes it',
    });
  const said = expectDone(executor, name, 'restart', result);
  const times = /^restarted (\d+) (\d+) (\d+)$/m.exec(said);
  const daemon = parseReport(said);
  if (daemon.kind !== 'running' || times === null) throw endedAtOnce(executor, workDir, name, daemon);
  const [, asked = '', ended = '', started = ''] = times;
  return { daemon, askedNs: BigInt(asked), endedNs: BigInt(ended), startedNs: BigInt(started) };
}

/** `stopDaemon`, and its folder goes too, with the log in it; one round trip. Fine when there is none. */
export async function removeDaemon(
  executor: Executor,
  workDir: string,
  name: string,
  options: StopOptions = {},
): Promise<void> {
  const result = await call(executor, workDir, 'remove', [name, grace(options)], options);
  expectDone(executor, name, 'remove', result);
}

function grace(options: StopOptions): string {
  return String(Math.max(0, Math.round(options.graceMs ?? 5000)));
}

type Verb = 'start' | 'restart' | 'state' | 'list' | 'kill' | 'stop' | 'remove';

function call(
  executor: Executor,
  workDir: string,
  verb: Verb,
  args: readonly string[],
  options: DaemonOptions & { stdin?: string; prepare?: DaemonSpec['prepare'] },
): Promise<RunResult> {
  const { signal, stdin, prepare } = options;
  const own = [verb, workDir, ...args];
  const run = { signal, ...(stdin !== undefined && { stdin }) };
  if (prepare === undefined) return executor.script(DAEMON_SCRIPT, own, run);
  return executor.script(PREPARED_SCRIPT, [DAEMON_SCRIPT, prepare.source, ...prepare.args, ...own], run);
}

function expectDone(executor: Executor, name: string, verb: Verb, result: RunResult): string {
  if (result.code === 0) return result.stdout;
  const said = result.stderr.trim().split('\n').at(-1) || `the shell ended with ${result.code ?? result.signal}`;
  throw new OperationError(`cannot ${verb} ${name}: ${said}`, { where: executor.name });
}

function notRunning(executor: Executor, name: string, result: RunResult): OperationError {
  return new OperationError(`${name} does not run${describeEnd(parseReport(result.stderr))}`, { where: executor.name });
}

function endedAtOnce(executor: Executor, workDir: string, name: string, state: DaemonState): OperationError {
  return new OperationError(`${name} ended at once${describeEnd(state)}`, {
    where: executor.name,
    hint: `its log: ${daemonLog(workDir, name)}`,
  });
}

function describeEnd(state: DaemonState): string {
  if (state.kind !== 'exited') return '';
  const how = state.signal ?? (state.code === null ? 'nobody saw how it ended' : `exit code ${state.code}`);
  return ` (${how})${state.logTail ? `\n${state.logTail}` : ''}`;
}
