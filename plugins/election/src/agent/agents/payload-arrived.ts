import type { WireClient } from '@etcdperf/core/wire';

/**
 * Waits until the payload key is written at `fromRevision` or later: a new master writes it right after its election, and
 * quick readers are there before. Answers false after `timeoutMs`, or when `signal` is aborted.
 */
export function payloadArrived(
  client: WireClient,
  key: string,
  fromRevision: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (arrived: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      watcher.close();
      resolve(arrived);
    };
    const giveUp = () => settle(false);
    const timer = setTimeout(giveUp, timeoutMs);
    signal.addEventListener('abort', giveUp, { once: true });
    const watcher = client.watch(
      { key, startRevision: fromRevision },
      {
        onEvents: (events) => {
          if (events.some(({ type }) => type === 'put')) settle(true);
        },
        onGap: giveUp,
        onCanceled: giveUp,
      },
    );
  });
}
