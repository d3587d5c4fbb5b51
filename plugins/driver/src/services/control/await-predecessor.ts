import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@etcdperf/core/errors';
import type { WireClient } from '@etcdperf/core/wire';
import { controlKeys } from './control-keys.ts';
import { type DriverRecord, parseRecord } from './driver-record.ts';

const LOOK_EVERY_MS = 500;

/**
 * Waits until the registration of a driver of that name has run out, as it does when its process was killed. Throws
 * InputError when it is renewed: that driver lives.
 */
export async function awaitPredecessor(
  client: WireClient,
  endKey: string,
  name: string,
  ttlSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  const { live } = controlKeys(endKey, name);
  const deadline = performance.now() + ttlSeconds * 3000;
  let leftSeconds = Number.POSITIVE_INFINITY;
  // A new leader of etcd's gives every lease its full time, once.
  for (let renewals = 0; renewals < 2 && performance.now() < deadline; ) {
    const [kv] = (await client.range(live, { signal })).kvs;
    if (kv === undefined) return;
    const left = await client.leaseTimeToLive(kv.lease, { signal });
    if (left.ttlSeconds > leftSeconds) renewals += 1;
    leftSeconds = left.ttlSeconds;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  const [kv] = (await client.range(live, { signal })).kvs;
  if (kv !== undefined) throw alive(parseRecord<DriverRecord>(kv.value), name);
}

function alive(holder: DriverRecord | undefined, name: string): InputError {
  const who = holder === undefined ? '' : `: process ${holder.pid} on ${holder.host}, since ${holder.startedAt}`;
  return new InputError(`there is a driver of the name '${name}'${who}`, {
    hint: 'two drivers can’t share one state: end that one first, or give this one another --name',
  });
}
