import { type Executor, fanOut } from '@etcdperf/core/ssh';
import { type FailedHost, failedHost } from './failed-host.ts';

/** What a command came to on one host. */
export type HostRun =
  | {
      readonly host: string;
      readonly status: 'ok' | 'nonzero';
      /** `null` when a signal ended it. */
      readonly code: number | null;
      readonly signal: string | null;
      /** Empty where lines were handed on as they came. */
      readonly stdout: string;
      readonly stderr: string;
      readonly durationMs: number;
    }
  | FailedHost;

export interface HostRunResult {
  readonly argv: readonly string[];
  readonly hosts: readonly HostRun[];
  /** How many hosts failed, or ended with another code than 0. */
  readonly failed: number;
}

export interface RunOnHostsOptions {
  readonly forks?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Run as root; default: each host's own setting. */
  readonly become?: boolean | undefined;
  /** Told of each complete line as it comes. */
  readonly onLine?: ((host: string, stream: 'stdout' | 'stderr', line: string) => void) | undefined;
}

/** Runs one command on all hosts at once. One result for every host, whatever happens to the others. */
export async function runOnHosts(
  executors: readonly Executor[],
  argv: readonly string[],
  options: RunOnHostsOptions = {},
): Promise<HostRunResult> {
  const { forks, signal, timeoutMs, become, onLine } = options;
  const results = await fanOut(
    executors,
    async (executor) => {
      const lines = (stream: 'stdout' | 'stderr') => splitLines((line) => onLine?.(executor.name, stream, line));
      const [out, err] = [lines('stdout'), lines('stderr')];
      const streamed = onLine === undefined ? {} : { onStdout: out.push, onStderr: err.push, gather: false };
      try {
        return await executor.run(argv, { signal, timeoutMs, become, ...streamed });
      } finally {
        // What was begun is shown also when the command was ended in the middle of a line.
        out.end();
        err.end();
      }
    },
    { forks, signal },
  );
  const hosts = results.map((result): HostRun => {
    if (result.status === 'failed') return failedHost(result.host, result.error);
    const { code, signal: endedBy, stdout, stderr, durationMs } = result.value;
    const status = code === 0 ? 'ok' : 'nonzero';
    return { host: result.host, status, code, signal: endedBy, stdout, stderr, durationMs };
  });
  return { argv, hosts, failed: hosts.filter(({ status }) => status !== 'ok').length };
}

/** Complete lines out of chunks that are cut anywhere, also inside a character. */
function splitLines(onLine: (line: string) => void) {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    push: (chunk: Buffer) => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end: () => {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
