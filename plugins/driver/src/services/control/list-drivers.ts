import type { WireClient } from '@etcdperf/core/wire';
import { ALL_LIVE, controlPrefix } from './control-keys.ts';
import { type DriverConfirmation, type DriverRecord, parseRecord } from './driver-record.ts';

export interface RegisteredDriver extends DriverRecord {
  /** Who came first has the smaller one. */
  readonly createRevision: number;
}

/** Drivers whose lease lives: those of one end key, or all. */
export async function listDrivers(
  client: WireClient,
  endKey?: string,
  signal?: AbortSignal,
): Promise<readonly RegisteredDriver[]> {
  const key = endKey === undefined ? ALL_LIVE : controlPrefix('live', endKey);
  const { kvs } = await client.range(key, { prefix: true, signal });
  return kvs.flatMap(({ value, createRevision }) => {
    const record = parseRecord<DriverRecord>(value);
    return record === undefined ? [] : [{ ...record, createRevision }];
  });
}

/** What drivers of an end key confirmed, each under the id of its process. */
export async function listConfirmations(
  client: WireClient,
  endKey: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, DriverConfirmation>> {
  const { kvs } = await client.range(controlPrefix('done', endKey), { prefix: true, signal });
  const confirmations = kvs.map(({ value }) => parseRecord<DriverConfirmation>(value));
  return new Map(confirmations.filter((one) => one !== undefined).map((one) => [one.id, one]));
}
