import type { Inventory } from '@etcdperf/core/config';
import type { ClusterAccess, FoundCluster } from '@etcdperf/core/etcd';

/** The cluster that is looked at or cared for: one that is described or was made here, or any that answers at some URLs. */
export type Subject =
  | { readonly kind: 'found'; readonly found: FoundCluster; readonly inventory?: Inventory | undefined }
  | { readonly kind: 'at'; readonly access: ClusterAccess };
