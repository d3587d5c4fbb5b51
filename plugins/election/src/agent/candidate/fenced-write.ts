import type { WireClient } from '@etcdperf/core/wire';
import type { Office } from './office.ts';

export interface Write {
  readonly key: string;
  readonly value: string | Uint8Array;
}

/**
 * Writes everything in one transaction that is valid only while the office is held. Returns the revision, or undefined
 * if the office belongs to somebody else by now.
 */
export async function fencedWrite(
  client: WireClient,
  masterKey: string,
  office: Office,
  writes: readonly Write[],
): Promise<number | undefined> {
  const result = await client.txn({
    compare: [{ key: masterKey, target: 'create', is: '=', value: office.rev }],
    success: writes.map(({ key, value }) => ({ kind: 'put', key, value })),
  });
  return result.succeeded ? result.header.revision : undefined;
}
