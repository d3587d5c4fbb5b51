import type { ClusterAccess } from '@etcdperf/core/etcd';
import { WireClient } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';

/** Requests on their way at once. */
const AT_ONCE = 32;
const TIMEOUT_MS = 30_000;

/**
 * Deletes all keys of a space, and all below its nodes: one request for each node of the first level that has several,
 * for each key where that is the last. Rejects with a WireError.
 */
export async function deleteKeys(access: ClusterAccess, space: PatternSpace): Promise<void> {
  await using client = await WireClient.connect({ ...access, requestTimeoutMs: TIMEOUT_MS });
  const last = space.levels.length - 1;
  const first = space.levels.findIndex(({ count }) => count > 1);
  const level = first === -1 ? last : first;
  const nodes = space.nodesAt(level);
  const bytes = Buffer.alloc(space.maxKeyBytes + 1);
  const deleteNode = async (node: number) => {
    const end = space.writeNode(bytes, 0, level, node);
    if (level === last) return client.deleteRange(Buffer.from(bytes.subarray(0, end)));
    bytes[end] = '/'.charCodeAt(0);
    return client.deleteRange(Buffer.from(bytes.subarray(0, end + 1)), { prefix: true });
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
