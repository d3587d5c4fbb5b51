import type { ClusterAccess } from '@etcdperf/core/etcd';
import { WireClient } from '@etcdperf/core/wire';

/** A client for what drivers tell each other: it would rather ask again, elsewhere, than wait. */
export function connectControl(access: ClusterAccess, signal?: AbortSignal): Promise<WireClient> {
  return WireClient.connect({ ...access, requestTimeoutMs: 4000 }, signal);
}
