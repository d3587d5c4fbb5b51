import type { Readable } from 'node:stream';

/** What a command left behind. A non-zero `code` is a result, not an error. */
export interface RunResult {
  /** Exit code; `null` when a signal ended the command. */
  readonly code: number | null;
  /** `SIGTERM`-like name of the signal that ended the command, else `null`. */
  readonly signal: string | null;
  /** Collected output as UTF-8; empty when `RunOptions.gather` is false. */
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export interface RunOptions {
  /** What the command reads; without it, its stdin is empty. Secrets go here, never into argv. */
  readonly stdin?: string | Buffer | Readable | undefined;
  /** The command's process group is ended after this time and a `CommandTimeoutError` thrown. */
  readonly timeoutMs?: number | undefined;
  /** On abort the command's process group is ended and the signal's reason thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Run as root (`sudo`). Default: the host's `become` setting. */
  readonly become?: boolean | undefined;
  readonly onStdout?: ((chunk: Buffer) => void) | undefined;
  readonly onStderr?: ((chunk: Buffer) => void) | undefined;
  /** Added to the command's environment. Visible in the host's process list: no secrets. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whether output is also collected into the result. Default true. */
  readonly gather?: boolean | undefined;
}

export interface PushOptions {
  /** Permission bits, for example `0o755`. Default: 0644, or the local file's own bits. */
  readonly mode?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** As in `RunOptions`. */
  readonly become?: boolean | undefined;
}

/** What is pushed: bytes, or a file of this machine. A checksum that the caller knows saves reading the file for it. */
export type PushContent = Buffer | { readonly path: string; readonly sha256?: string };

export interface PushResult {
  /** False when the host already had the same content and mode. */
  readonly changed: boolean;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** One port to a machine, with two connectors: `LocalExecutor` and `SshExecutor`. */
export interface Executor {
  /** The inventory's name of the host; `localhost` for `LocalExecutor`. */
  readonly name: string;
  readonly kind: 'local' | 'ssh';
  /** Runs one command. Arguments are quoted here; nothing is expanded on the host. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs a POSIX shell script (a constant of ours); `args` arrive as `"$1"`, `"$2"`, … */
  script(source: string, args?: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Writes a file: streamed, verified by checksum, renamed into place; skipped when equal. Makes parent folders. */
  push(content: PushContent, remotePath: string, options?: PushOptions): Promise<PushResult>;
  /** Reads a file from byte `offset` (default 0) to its end. */
  fetch(remotePath: string, offset?: number, options?: { readonly signal?: AbortSignal }): Promise<Buffer>;
  close(): Promise<void>;
}
