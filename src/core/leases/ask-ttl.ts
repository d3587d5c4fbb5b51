import type { WireClient } from '../wire/index.ts';

/** What etcd grants when so much is asked for. */
export async function askTtl(client: WireClient, askedSeconds: number): Promise<number> {
  const { id, ttlSeconds } = await client.leaseGrant(askedSeconds);
  await client.leaseRevoke(id);
  return ttlSeconds;
}
