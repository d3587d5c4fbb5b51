import { OperationError } from '@etcdperf/core/errors';
import type { WireClient } from '@etcdperf/core/wire';

/** Who holds the lock: what a refused one is told. */
export interface LockHolder {
  /** `user@host` of the machine that the command runs on. */
  readonly who: string;
  readonly pid: number;
  /** ISO time. */
  readonly since: string;
  /** The run folder of the experiment that is under way. */
  readonly run: string;
}

export interface ExperimentLock extends AsyncDisposable {
  /** Aborted, with an OperationError, when the lock was lost: its lease ran out while etcd could not be reached. */
  readonly lost: AbortSignal;
}

/** Long enough to outlive a failover of etcd itself, short enough that a crashed experiment does not block for long. */
const ttlSeconds = 15;
const renewEveryMs = 4000;

/**
 * Takes a cluster's one experiment lock: a key bound to a lease, so that it goes when this process dies. Disposing of
 * it gives it back. Throws OperationError, saying who holds it since when, if another experiment is under way.
 */
export async function takeExperimentLock(client: WireClient, key: string, holder: LockHolder): Promise<ExperimentLock> {
  const lease = await client.leaseGrant(ttlSeconds);
  const giveBack = () =>
    client.leaseRevoke(lease.id).then(
      () => undefined,
      // It runs out by itself.
      () => undefined,
    );
  try {
    const answer = await client.txn({
      compare: [{ key, target: 'create', is: '=', value: 0 }],
      success: [{ kind: 'put', key, value: JSON.stringify(holder), lease: lease.id }],
    });
    if (!answer.succeeded) throw refusal(await readHolder(client, key), key);
  } catch (error) {
    await giveBack();
    throw error;
  }
  const lost = new AbortController();
  const renew = () =>
    client.leaseKeepAlive(lease.id).then(
      ({ ttlSeconds: left }) => {
        if (left <= 0) lost.abort(new OperationError('the experiment lock was lost', { where: key }));
      },
      // The next renewal may get through; if none does, the first that is answered says that the lease is gone.
      () => undefined,
    );
  const timer = setInterval(renew, renewEveryMs);
  return {
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await giveBack();
    },
  };
}

function refusal(holder: LockHolder | undefined, key: string): OperationError {
  const by = holder === undefined ? '' : `, by ${holder.who} (process ${holder.pid}) since ${holder.since}`;
  return new OperationError(`another failover is under way on this cluster${by}`, {
    where: key,
    hint: holder === undefined ? 'wait until it is done' : `wait until it is done; its run folder is ${holder.run}`,
  });
}

async function readHolder(client: WireClient, key: string): Promise<LockHolder | undefined> {
  const value = (await client.range(key)).kvs[0]?.value;
  try {
    return value === undefined ? undefined : (JSON.parse(value.toString('utf8')) as LockHolder);
  } catch {
    return undefined;
  }
}
