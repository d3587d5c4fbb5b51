import { type KeyValue, type TxnResponse, type WireClient, WireError } from '@etcdperf/core/wire';
import type { Session } from './session.ts';

/** `lock-client`: taken with transactions and watches. `lock-rpc`: taken by etcd's lock service, for its caller. */
export type LockKind = 'lock-client' | 'lock-rpc';

/** How long etcd's lock service may let its caller wait: the lock's turn comes when it comes. */
const TURN_MS = 24 * 3_600_000;

/** A lock that is held, until it is given back. Both kinds keep the same keys: each keeps the other out. */
export type Release = () => Promise<void>;

/** Waits for the lock of that name and holds it by the session's lease. Rejects with a WireError. */
export function takeLock(
  kind: LockKind,
  client: WireClient,
  session: Session,
  name: string,
  signal: AbortSignal,
): Promise<Release> {
  return kind === 'lock-rpc' ? askForLock(client, session, name, signal) : queueForLock(client, session, name, signal);
}

async function askForLock(client: WireClient, session: Session, name: string, signal: AbortSignal): Promise<Release> {
  const { key } = await client.lock(name, session.lease, { signal, timeoutMs: TURN_MS });
  return async () => void (await client.unlock(key));
}

/**
 * Queues with a key of its own below the lock's name, and waits until all older ones are gone; only the next older is
 * watched, so that a release wakes one caller.
 */
async function queueForLock(client: WireClient, session: Session, name: string, signal: AbortSignal): Promise<Release> {
  const key = `${name}/${session.lease.toString(16)}`;
  const release = async () => void (await client.deleteRange(key));
  const { succeeded, header, responses } = await client.txn(
    {
      compare: [{ key, target: 'create', is: '=', value: 0 }],
      success: [{ kind: 'put', key, value: '', lease: session.lease }, oldestOf(name)],
      failure: [{ kind: 'range', key }, oldestOf(name)],
    },
    { signal },
  );
  const mine = succeeded ? header.revision : kvsOf(responses[0])[0]!.createRevision;
  const oldest = kvsOf(responses[1])[0];
  if (oldest === undefined || oldest.createRevision >= mine) return release;
  try {
    await waitForTurn(client, name, mine, signal);
    const { kvs } = await client.range(key, { signal });
    if (kvs[0]?.createRevision === mine) return release;
  } catch (error) {
    await release().catch(() => undefined);
    throw error;
  }
  throw new WireError('the lease of the lock is gone', { outcome: 'fail', reason: 'lease-not-found' });
}

/** Until nobody is in the queue who came before the revision `mine`. */
async function waitForTurn(client: WireClient, name: string, mine: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { kvs, header } = await client.range(`${name}/`, {
      prefix: true,
      maxCreateRevision: mine - 1,
      sort: { by: 'create', order: 'descend' },
      limit: 1,
      signal,
    });
    const [ahead] = kvs;
    if (ahead === undefined) return;
    await waitForChange(client, ahead.key, header.revision + 1, signal);
  }
}

function waitForChange(client: WireClient, key: Buffer, startRevision: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      signal.removeEventListener('abort', abort);
      watcher.close();
      end();
    };
    const abort = () =>
      settle(() =>
        reject(new WireError('aborted', { outcome: 'fail', reason: 'cancelled', endpoint: client.endpoint })),
      );
    const change = () => settle(resolve);
    const watcher = client.watch({ key, startRevision }, { onEvents: change, onGap: change, onCanceled: change });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

function oldestOf(name: string) {
  const sort = { by: 'create', order: 'ascend' } as const;
  return { kind: 'range', key: `${name}/`, prefix: true, sort, limit: 1 } as const;
}

function kvsOf(response: TxnResponse | undefined): readonly KeyValue[] {
  return response?.kind === 'range' ? response.kvs : [];
}
