import type { WireClient } from '@etcdperf/core/wire';
import { ALL_LIVE, controlPrefix } from './control-keys.ts';
import { type DriverConfirmation, type DriverRecord, parseRecord } from './driver-record.ts';

export interface RegisteredDriver extends DriverRecord {
  /** Who came first has the smaller one. */
  readonly createRevision: number;
}

/** Drivers whose lease lives, whatever their end key. Rejects with a WireError. */
export async function listDrivers(client: WireClient, signal?: AbortSignal): Promise<readonly RegisteredDriver[]> {
  const { kvs } = await client.range(ALL_LIVE, { prefix: true, signal });
  return kvs.flatMap(({ value, createRevision }) => {
    const record = parseRecord<DriverRecord>(value);
    return record === undefined ? [] : [{ ...record, createRevision }];
  });
}

/** Drivers of one end key at one moment. */
export interface DriverSurvey {
  readonly live: readonly DriverRecord[];
  /** Each under the id of its process. */
  readonly confirmed: ReadonlyMap<string, DriverConfirmation>;
}

/** Rejects with a WireError. */
export async function surveyDrivers(client: WireClient, endKey: string, signal?: AbortSignal): Promise<DriverSurvey> {
  const prefixes = [controlPrefix('live', endKey), controlPrefix('done', endKey)];
  // In one transaction: a driver goes from one to the other in one.
  const { responses } = await client.txn(
    { success: prefixes.map((key) => ({ kind: 'range', key, prefix: true })) },
    { signal },
  );
  const [live, done] = responses.map((response) => (response.kind === 'range' ? response.kvs : []));
  const confirmations = records<DriverConfirmation>(done);
  return { live: records<DriverRecord>(live), confirmed: new Map(confirmations.map((one) => [one.id, one])) };
}

function records<T extends DriverRecord | DriverConfirmation>(kvs: readonly { readonly value: Buffer }[] = []): T[] {
  return kvs.map(({ value }) => parseRecord<T>(value)).filter((record) => record !== undefined);
}
