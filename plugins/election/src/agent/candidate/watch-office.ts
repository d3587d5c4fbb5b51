import type { WireClient } from '@etcdperf/core/wire';
import type { LostReason } from '../../protocol/index.ts';
import type { Office } from './office.ts';

/** Watches the key of an office that is held: tells when it is deleted or belongs to somebody else. */
export function watchOffice(
  client: WireClient,
  masterKey: string,
  office: Office,
  identity: string,
  dismiss: (reason: LostReason) => void,
): Disposable {
  const watcher = client.watch(
    { key: masterKey, startRevision: office.rev + 1 },
    {
      onEvents: ([event]) => {
        if (!event) return;
        if (event.type === 'delete') dismiss('key-deleted');
        else if (event.kv.lease !== office.leaseId || event.kv.value.toString() !== identity) dismiss('key-replaced');
      },
      // What was compacted away is not known; the fence of the next write, and the lease, still are.
      onGap: () => undefined,
      onCanceled: () => undefined,
    },
  );
  return { [Symbol.dispose]: () => watcher.close() };
}
