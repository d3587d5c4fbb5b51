import type { ClusterAccess } from '@etcdperf/core/etcd';
import { WireClient } from '@etcdperf/core/wire';

/** One connection to the cluster; disposing of it closes it. */
export interface OpenWire extends AsyncDisposable {
  readonly wire: WireClient;
}

export async function connectWire(access: ClusterAccess, signal?: AbortSignal): Promise<OpenWire> {
  const wire = await WireClient.connect({ ...access }, signal);
  return { wire, [Symbol.asyncDispose]: () => wire.close() };
}
