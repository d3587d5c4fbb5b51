import type { WireClient } from '../wire/index.ts';
import type { LeaseLedger } from './lease-ledger.ts';

/** The numbers of those of the ledger's leases that there are, from etcd's list of all leases. Dear: etcd sorts them all. */
export async function listLeases(client: WireClient, ledger: LeaseLedger, signal?: AbortSignal): Promise<Int32Array> {
  const { ids } = await client.leases({ timeoutMs: 60_000, ...(signal && { signal }) });
  const numbers = new Int32Array(ids.length);
  let count = 0;
  for (const id of ids) {
    const number = ledger.numberOf(id);
    if (number === -1) continue;
    numbers[count] = number;
    count += 1;
  }
  return numbers.subarray(0, count);
}
