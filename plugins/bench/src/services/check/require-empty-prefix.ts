import { InputError } from '@etcdperf/core/errors';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { connectWire } from '../connect-wire.ts';

/** Throws InputError where there are keys below a prefix that a check is to have for itself. */
export async function requireEmptyPrefix(access: ClusterAccess, prefix: string, signal: AbortSignal): Promise<void> {
  await using client = await connectWire(access, signal);
  const { count } = await client.range(prefix, { prefix: true, countOnly: true, signal });
  if (count === 0) return;
  throw new InputError(`there ${count === 1 ? 'is a key' : `are ${count} keys`} below '${prefix}' already`, {
    where: '--prefix',
    hint: `choose another prefix, or delete them, if they are what an earlier check left: etcdctl del --prefix '${prefix}'`,
  });
}
