import type { ClusterAccess } from '../etcd/index.ts';
import type { WireOptions } from '../wire/index.ts';
import type { LoadConnection } from './load-connection.ts';

/** Password hashing keeps a member busy for a tenth of a second each time: more logins at once only time out. */
const MOST_LOGINS = 4;

/** How connection `i` of a load reaches the cluster: endpoint `i` first, then the others in turn. */
export function wireOptions(access: ClusterAccess, requestTimeoutMs: number): (connection: number) => WireOptions {
  const { endpoints, tls, auth, dialTimeoutMs } = access;
  // Connections to the same endpoint share one object, and with it what is made of it.
  const options = endpoints.map((_, startAt) => ({ endpoints, tls, auth, dialTimeoutMs, requestTimeoutMs, startAt }));
  return (connection) => options[connection % options.length]!;
}

/** Opens all of them. Rejects with the first failure, after which none is being opened any more; some may be open. */
export async function openConnections(
  connections: readonly LoadConnection[],
  access: ClusterAccess,
  signal: AbortSignal,
): Promise<void> {
  const givingUp = new AbortController();
  const either = AbortSignal.any([signal, givingUp.signal]);
  let failure: { readonly error: unknown } | undefined;
  const waiting = connections.values();
  const openNext = async (): Promise<void> => {
    for (const connection of waiting) {
      if (failure !== undefined) return;
      await connection.open(either).catch((error: unknown) => {
        failure ??= { error };
        givingUp.abort();
      });
    }
  };
  const atOnce = access.auth === undefined ? connections.length : MOST_LOGINS;
  await Promise.all(Array.from({ length: Math.min(atOnce, connections.length) }, openNext));
  if (failure !== undefined) throw failure.error;
}
