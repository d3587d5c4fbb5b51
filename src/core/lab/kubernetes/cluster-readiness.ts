import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OperationError } from '../../errors/index.ts';
import type { ApiClient } from './api-client.ts';

const TIMEOUT_MS = 180_000;

/** Until the API server says that it is ready. Rejects with the end of its log where it doesn't. */
export async function waitForApiServer(api: ApiClient, dir: string, signal: AbortSignal): Promise<void> {
  const isReady = async () => (await api.call('GET', '/readyz'))?.code === 200;
  await waitFor(isReady, 'the API server is not ready', join(dir, 'logs/kube-apiserver.log'), signal);
}

/** Until every node is Ready, and a namespace has what pods need. */
export async function waitForNodes(api: ApiClient, nodes: number, dir: string, signal: AbortSignal): Promise<void> {
  const areReady = async () => {
    const answer = await api.call('GET', '/api/v1/nodes');
    if (answer?.code !== 200) return false;
    const { items } = JSON.parse(answer.text) as { items: { status: { conditions?: Condition[] } }[] };
    const isReady = (conditions: readonly Condition[]) =>
      conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
    return items.filter((node) => isReady(node.status.conditions ?? [])).length >= nodes;
  };
  await waitFor(areReady, 'not all nodes are ready', join(dir, 'logs/kube-apiserver.log'), signal);
  const hasAccount = async () =>
    (await api.call('GET', '/api/v1/namespaces/default/serviceaccounts/default'))?.code === 200;
  const log = join(dir, 'logs/kube-controller-manager.log');
  await waitFor(hasAccount, 'the controllers do not run', log, signal);
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

async function waitFor(check: () => Promise<boolean>, otherwise: string, logFile: string, signal: AbortSignal) {
  for (const end = performance.now() + TIMEOUT_MS; ; ) {
    signal.throwIfAborted();
    if (await check()) return;
    if (performance.now() > end) {
      const lines = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-3);
      throw new OperationError(`${otherwise} after ${TIMEOUT_MS / 1000} s: ${lines.join('; ')}`, { where: logFile });
    }
    await sleep(50, undefined, { signal }).catch(() => {});
  }
}
