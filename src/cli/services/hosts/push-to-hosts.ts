import { type Executor, fanOut } from '@etcdperf/core/ssh';

export type HostPush =
  | { readonly host: string; readonly status: 'changed' | 'ok'; readonly durationMs: number }
  | { readonly host: string; readonly status: 'failed'; readonly error: string; readonly hint?: string | undefined };

export interface HostPushResult {
  readonly file: string;
  readonly destination: string;
  readonly hosts: readonly HostPush[];
  readonly failed: number;
}

/** Puts one file on all hosts at once; a host that has it already stays as it is (`ok`). */
export async function pushToHosts(
  executors: readonly Executor[],
  file: string,
  destination: string,
  options: { readonly forks?: number; readonly mode?: number | undefined; readonly signal?: AbortSignal },
): Promise<HostPushResult> {
  const { forks, mode, signal } = options;
  const results = await fanOut(executors, (executor) => executor.push({ path: file }, destination, { mode, signal }), {
    forks,
    signal,
  });
  const hosts = results.map((result): HostPush => {
    const { host, durationMs } = result;
    if (result.status === 'ok') return { host, status: result.value.changed ? 'changed' : 'ok', durationMs };
    const { message, hint } = result.error as Error & { hint?: string };
    return { host, status: 'failed', error: message, hint };
  });
  return { file, destination, hosts, failed: hosts.filter(({ status }) => status === 'failed').length };
}
