import { type ClusterAccess, openCluster } from '@etcdperf/core/etcd';

/**
 * Makes sure that the cluster answers through raft before anything is started. Throws, within 5 s, an OperationError
 * that names the endpoints and says whether they can't be reached or have no quorum.
 */
export async function requireQuorum(access: ClusterAccess): Promise<void> {
  using cluster = openCluster({ ...access, timeoutMs: 2500 });
  await cluster.get('/master');
}
