import { stat } from 'node:fs/promises';
import { InputError } from '@etcdperf/core/errors';
import { type Executor, fanOut, fileSha256 } from '@etcdperf/core/ssh';
import { type FailedHost, failedHost } from './failed-host.ts';

export type HostPush =
  | { readonly host: string; readonly status: 'changed' | 'ok'; readonly durationMs: number }
  | FailedHost;

export interface HostPushResult {
  readonly file: string;
  readonly destination: string;
  readonly hosts: readonly HostPush[];
  readonly failed: number;
}

/**
 * Puts one file on all hosts at once; a host that has it already stays as it is (`ok`). Throws InputError for a file
 * that is none or can't be read, before any host is asked.
 */
export async function pushToHosts(
  executors: readonly Executor[],
  file: string,
  destination: string,
  options: { readonly forks?: number; readonly mode?: number | undefined; readonly signal?: AbortSignal },
): Promise<HostPushResult> {
  const { forks, mode, signal } = options;
  await checkFile(file);
  const content = { path: file, sha256: await fileSha256(file) };
  const results = await fanOut(executors, (executor) => executor.push(content, destination, { mode, signal }), {
    forks,
    signal,
  });
  const hosts = results.map((result): HostPush => {
    const { host, durationMs } = result;
    if (result.status === 'ok') return { host, status: result.value.changed ? 'changed' : 'ok', durationMs };
    return failedHost(host, result.error);
  });
  return { file, destination, hosts, failed: hosts.filter(({ status }) => status === 'failed').length };
}

async function checkFile(path: string): Promise<void> {
  const stats = await stat(path).catch((cause: Error) => {
    throw new InputError(`cannot read the file to push: ${cause.message}`, { where: path, cause });
  });
  if (stats.isFile()) return;
  throw new InputError('only a regular file can be pushed', {
    where: path,
    hint: 'a folder can travel as an archive: tar -cf',
  });
}
