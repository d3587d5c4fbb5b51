import { setTimeout as sleep } from 'node:timers/promises';
import type { WireClient } from '@etcdperf/core/wire';
import { controlKeys } from './control-keys.ts';
import type { DriverConfirmation } from './driver-record.ts';

/** So long it can be read how a driver ended. */
const TTL_SECONDS = 3600;
const TRIES = 4;

/**
 * Puts a confirmation in the place of its driver's registration. Tries again while the cluster does not answer; rejects
 * with an OperationError when it never did, or after the signal.
 *
 * @param before done first, each time: a driver must not be taken for done that could be resumed
 */
export async function confirmEnd(
  client: WireClient,
  endKey: string,
  confirmation: DriverConfirmation,
  { before, signal }: { readonly before: () => Promise<void>; readonly signal: AbortSignal },
): Promise<void> {
  const { done, live } = controlKeys(endKey, confirmation.name);
  for (let tries = 1; ; tries += 1) {
    try {
      await before();
      const { id: lease } = await client.leaseGrant(TTL_SECONDS);
      const value = JSON.stringify(confirmation);
      await client.txn({
        success: [
          { kind: 'put', key: done, value, lease },
          { kind: 'delete', key: live },
        ],
      });
      return;
    } catch (error) {
      if (tries === TRIES || signal.aborted) throw error;
      await sleep(1000, undefined, { signal }).catch(() => undefined);
    }
  }
}
