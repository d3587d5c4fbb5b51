import type { ClusterAccess } from '@etcdperf/core/etcd';
import { WireClient } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';
import { ownLevel } from '../../operations/own-level.ts';

/** Requests on their way at once. */
const AT_ONCE = 32;
const TIMEOUT_MS = 30_000;
/** Deleted by one request: etcd does nothing else meanwhile. */
const MOST_KEYS_AT_ONCE = 5000;

/**
 * Deletes keys of a space, and all below their nodes: one request for each node that has not too many, for each key where
 * that is the last level. Rejects with a WireError.
 *
 * @param end of the keys: those before this one may be there; default: all may
 */
export async function deleteKeys(access: ClusterAccess, space: PatternSpace, end = space.size): Promise<void> {
  await using client = await WireClient.connect({ ...access, requestTimeoutMs: TIMEOUT_MS });
  const last = space.levels.length - 1;
  // What is above the first level with several nodes may be shared with others; what is above `:ip` is.
  const several = space.levels.findIndex(({ count }) => count > 1);
  const first = several === -1 ? -1 : Math.max(several, ownLevel(space));
  const level =
    first === -1
      ? last
      : space.levels.findIndex((_, index) => index >= first && space.keysBelow(index) <= MOST_KEYS_AT_ONCE);
  const nodes = Math.ceil(end / space.keysBelow(level));
  const bytes = Buffer.alloc(space.maxKeyBytes + 1);
  const deleteNode = async (node: number) => {
    const nodeEnd = space.writeNode(bytes, 0, level, node);
    if (level === last) return client.deleteRange(Buffer.from(bytes.subarray(0, nodeEnd)));
    bytes[nodeEnd] = '/'.charCodeAt(0);
    return client.deleteRange(Buffer.from(bytes.subarray(0, nodeEnd + 1)), { prefix: true });
  };
  let next = 0;
  const work = async () => {
    while (next < nodes) {
      const node = next;
      next += 1;
      await deleteNode(node);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, nodes) }, work));
}
