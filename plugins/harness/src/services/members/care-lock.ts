import { hostname, userInfo } from 'node:os';
import { OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess } from '@etcdperf/core/etcd';

/** What only one command at a time may do to a cluster: each takes a member out of work for a while. */
export type Care = 'defragmentation' | 'restart';

export interface CareLock extends AsyncDisposable {
  /** Aborted, with an OperationError, when the lock was lost: its lease ran out while etcd could not be reached. */
  readonly lost: AbortSignal;
}

/** Who holds the lock: what a refused one is told. */
interface LockHolder {
  readonly care: Care;
  /** `user@host` of the machine that the command runs on. */
  readonly who: string;
  readonly pid: number;
  /** ISO time. */
  readonly since: string;
}

const KEY = 'etcdperf/care';
/** Long enough to outlive a failover of etcd itself, short enough that a crashed command does not block for long. */
const TTL_SECONDS = 15;
const RENEW_EVERY_MS = 4000;

/**
 * Takes the cluster's one lock of care, a key bound to a lease, so that it goes when this process dies. Disposing of it
 * gives it back. Throws OperationError, saying who holds it since when, while another holds it.
 */
export async function takeCareLock(access: ClusterAccess, care: Care, signal?: AbortSignal): Promise<CareLock> {
  const { WireClient } = await import('@etcdperf/core/wire');
  const client = await WireClient.connect(access, signal);
  let lease = 0n;
  const giveBack = async () => {
    if (lease !== 0n) await client.leaseRevoke(lease).catch(() => undefined);
    await client.close();
  };
  try {
    ({ id: lease } = await client.leaseGrant(TTL_SECONDS));
    const answer = await client.txn({
      compare: [{ key: KEY, target: 'create', is: '=', value: 0 }],
      success: [{ kind: 'put', key: KEY, value: JSON.stringify(holderOf(care)), lease }],
      failure: [{ kind: 'range', key: KEY }],
    });
    if (!answer.succeeded) {
      const [found] = answer.responses;
      throw refusal(found?.kind === 'range' ? parseHolder(found.kvs[0]?.value) : undefined);
    }
  } catch (error) {
    await giveBack();
    throw error;
  }
  const lost = new AbortController();
  const renew = () =>
    client.leaseKeepAlive(lease).then(
      ({ ttlSeconds }) => {
        if (ttlSeconds <= 0) lost.abort(new OperationError('the lock of the cluster was lost', { where: KEY }));
      },
      // The next renewal may get through; if none does, the first that is answered says that the lease is gone.
      () => undefined,
    );
  const timer = setInterval(renew, RENEW_EVERY_MS);
  return {
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await giveBack();
    },
  };
}

function holderOf(care: Care): LockHolder {
  const who = `${userInfo().username}@${hostname()}`;
  return { care, who, pid: process.pid, since: new Date().toISOString() };
}

function refusal(holder: LockHolder | undefined): OperationError {
  const what = holder === undefined ? 'another command' : `a ${holder.care}`;
  const by = holder === undefined ? '' : `, by ${holder.who} (process ${holder.pid}) since ${holder.since}`;
  return new OperationError(`${what} of this cluster is under way${by}`, {
    where: KEY,
    hint: `wait until it is done; after a crash the lock goes by itself within ${TTL_SECONDS} s`,
  });
}

function parseHolder(value: Buffer | undefined): LockHolder | undefined {
  try {
    return value === undefined ? undefined : (JSON.parse(value.toString('utf8')) as LockHolder);
  } catch {
    return undefined;
  }
}
