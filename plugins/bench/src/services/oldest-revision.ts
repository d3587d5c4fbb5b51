import { type WireClient, WireError } from '@etcdperf/core/wire';

/**
 * The oldest revision that etcd still has, found by reading: nothing in its API tells. One read where nothing was ever
 * compacted, else as many as `newest` has binary digits.
 */
export async function oldestRevision(client: WireClient, newest: number, signal: AbortSignal): Promise<number> {
  if (await isThere(client, 1, signal)) return 1;
  let [gone, there] = [1, newest];
  while (there - gone > 1) {
    const middle = Math.floor((gone + there) / 2);
    if (await isThere(client, middle, signal)) there = middle;
    else gone = middle;
  }
  return there;
}

async function isThere(client: WireClient, revision: number, signal: AbortSignal): Promise<boolean> {
  try {
    await client.range('\0', { revision, signal });
    return true;
  } catch (error) {
    if (error instanceof WireError && error.reason === 'compacted') return false;
    throw error;
  }
}
