import type { ClusterAccess } from '@etcdperf/core/etcd';
import { WireClient } from '@etcdperf/core/wire';

/** A client for the few requests before and after the load. */
export function connectWire(access: ClusterAccess, signal?: AbortSignal): Promise<WireClient> {
  return WireClient.connect({ ...access, requestTimeoutMs: 30_000 }, signal);
}
