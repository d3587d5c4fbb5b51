import { OperationError } from '@etcdperf/core/errors';
import { type ClusterAccess, scrapeMember } from '@etcdperf/core/etcd';
import { WireClient } from '@etcdperf/core/wire';

/** A member's database, in bytes. */
export interface DatabaseSize {
  /** The file, free pages included: what etcd compares with the quota. */
  readonly fileBytes: number;
  readonly inUseBytes: number;
}

const TIMEOUT_MS = 2000;

/** Asks members how large their databases are. */
export class DatabaseGauge implements AsyncDisposable {
  readonly #clients: readonly WireClient[];

  private constructor(clients: readonly WireClient[]) {
    this.#clients = clients;
  }

  /** Rejects with an OperationError when no endpoint can be reached; those that can't be are left out. */
  static async open(access: ClusterAccess, signal: AbortSignal): Promise<DatabaseGauge> {
    const tries = await Promise.allSettled(
      access.endpoints.map((endpoint) =>
        WireClient.connect({ ...access, endpoints: [endpoint], requestTimeoutMs: TIMEOUT_MS }, signal),
      ),
    );
    const clients = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (clients.length > 0) return new DatabaseGauge(clients);
    signal.throwIfAborted();
    throw (tries[0] as PromiseRejectedResult).reason;
  }

  /** The largest of the members that answer. Rejects with an OperationError when none does. */
  async read(): Promise<DatabaseSize> {
    const answers = await Promise.allSettled(this.#clients.map((client) => client.status()));
    const statuses = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (statuses.length === 0)
      throw new OperationError('no member tells how large its database is', {
        cause: (answers[0] as PromiseRejectedResult).reason,
      });
    return {
      fileBytes: Math.max(...statuses.map(({ dbSize }) => dbSize)),
      inUseBytes: Math.max(...statuses.map(({ dbSizeInUse }) => dbSizeInUse)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

/** The smallest quota of the members; undefined where none tells, or there is none. */
export async function readQuota(access: ClusterAccess, signal: AbortSignal): Promise<number | undefined> {
  const read = async (endpoint: string) =>
    (await scrapeMember(access, endpoint, { signal })).value('etcd_server_quota_backend_bytes');
  const answers = await Promise.all(access.endpoints.map((endpoint) => read(endpoint).catch(() => undefined)));
  const quotas = answers.filter((quota) => quota !== undefined && quota > 0) as number[];
  return quotas.length === 0 ? undefined : Math.min(...quotas);
}
