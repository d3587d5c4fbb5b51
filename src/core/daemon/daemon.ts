/** A process that outlives the connection which started it. */
export interface DaemonSpec {
  /** Unique on its host: `[a-z0-9][a-z0-9.-]*`. */
  readonly name: string;
  /** The program and its arguments; visible to everybody on the host, so no secrets. */
  readonly argv: readonly string[];
  /** Added to the environment. As visible as `argv` while it starts: no secrets. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Content of `<dir>/config`, written with mode 0600 before the start. Secrets belong here. */
  readonly config?: string | undefined;
  /** Open files wanted. Where the hard limit is lower, that is what it gets: see `RunningDaemon.limits`. */
  readonly nofile?: number | undefined;
  /** A POSIX script that is run before, in the same round trip; if it fails nothing is started. No secrets. */
  readonly prepare?: { readonly source: string; readonly args: readonly [string, string] } | undefined;
  /** Working directory; default: the daemon's own folder. */
  readonly cwd?: string | undefined;
}

/** What the process was granted, read from /proc/<pid>/limits (soft). `Infinity` where there is no limit. */
export interface DaemonLimits {
  readonly nofile: number;
  readonly nproc: number;
}

export interface RunningDaemon {
  readonly kind: 'running';
  /** The process itself, not its keeper; also its process group and session. */
  readonly pid: number;
  /** The host's wall clock at the start, ISO 8601, whole seconds. */
  readonly startedAt: string;
  readonly limits: DaemonLimits;
}

/** It ran and runs no more. Both are `null` when nobody saw it end: its keeper was killed, or the host went down. */
export interface ExitedDaemon {
  readonly kind: 'exited';
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** At most the log's last 20 lines. */
  readonly logTail: string;
}

export type DaemonState = { readonly kind: 'absent' } | RunningDaemon | ExitedDaemon;

export type DaemonSignal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT';

/** A signal that was sent, between two readings of the host's wall clock (unix nanoseconds). */
export interface DaemonKill {
  readonly pid: number;
  readonly beforeNs: bigint;
  readonly afterNs: bigint;
}

/** A restart, by the host's wall clock (unix nanoseconds). */
export interface DaemonRestart {
  readonly daemon: RunningDaemon;
  /** When it was asked to end, when it had ended, and when the new one had been started. */
  readonly askedNs: bigint;
  readonly endedNs: bigint;
  readonly startedNs: bigint;
}

/** Where a daemon keeps `config`, `log`, `pid` and `exit`; its working directory unless it has another. */
export function daemonDir(workDir: string, name: string): string {
  return `${workDir}/daemons/${name}`;
}

/** The file that holds all that the daemon wrote to stdout and stderr, over all its starts. */
export function daemonLog(workDir: string, name: string): string {
  return `${daemonDir(workDir, name)}/log`;
}

/** The file that `DaemonSpec.config` is written to. */
export function daemonConfig(workDir: string, name: string): string {
  return `${daemonDir(workDir, name)}/config`;
}
