import { daemonState } from '@etcdperf/core/daemon';
import { OperationError } from '@etcdperf/core/errors';
import type { ElectionProcess } from './election-processes.ts';

/** Throws an OperationError with the end of its log if one of the processes runs no more. One look at each host. */
export async function requireAlive(processes: readonly ElectionProcess[], signal?: AbortSignal): Promise<void> {
  await Promise.all(
    processes.map(async ({ host, name }) => {
      const state = await daemonState(host.executor, host.workDir, name, { signal });
      if (state.kind === 'running') return;
      const said = state.kind === 'exited' ? lastWords(state.logTail) : undefined;
      throw new OperationError(`${name} ended${said ? `: ${said}` : ''}`, { where: host.name });
    }),
  );
}

/** The line of a log that tells most: an error's message, not what node prints below its stack. */
function lastWords(log: string): string | undefined {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => /error/i.test(line) && !/^\s+at /.test(line)) ?? lines.at(-1);
}
