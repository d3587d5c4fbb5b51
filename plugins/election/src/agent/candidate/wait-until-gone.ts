import type { Bytes, WireClient } from '@etcdperf/core/wire';

/** How a wait for a key's end ended. */
export type Gone =
  | { readonly kind: 'deleted'; readonly rev: number; readonly atUs: number }
  /** Its value or lease changed, or changes were compacted away unseen: read again. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'aborted' };

/**
 * Watches one key from `fromRevision` (the one after the revision it was read at, so that no change is missed) until it
 * is deleted. The time is taken first thing when its event is here.
 */
export function waitUntilGone(
  client: WireClient,
  key: Bytes,
  fromRevision: number,
  signal: AbortSignal,
  nowUs: () => number,
): Promise<Gone> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ kind: 'aborted' });
    const settle = (gone: Gone) => {
      signal.removeEventListener('abort', abort);
      watcher.close();
      resolve(gone);
    };
    const abort = () => settle({ kind: 'aborted' });
    const watcher = client.watch(
      { key, startRevision: fromRevision },
      {
        onEvents: (events) => {
          const atUs = nowUs();
          const event = events[0];
          if (event)
            settle(
              event.type === 'delete' ? { kind: 'deleted', rev: event.kv.modRevision, atUs } : { kind: 'changed' },
            );
        },
        onGap: () => settle({ kind: 'changed' }),
        onCanceled: () => settle({ kind: 'changed' }),
      },
    );
    signal.addEventListener('abort', abort, { once: true });
  });
}
