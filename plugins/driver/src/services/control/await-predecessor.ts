import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@etcdperf/core/errors';
import type { WireClient } from '@etcdperf/core/wire';
import { controlKeys } from './control-keys.ts';
import { type DriverRecord, parseRecord } from './driver-record.ts';

const LOOK_EVERY_MS = 500;

export interface PredecessorQuestion {
  readonly client: WireClient;
  readonly endKey: string;
  readonly name: string;
  /** Of its registration. */
  readonly ttlSeconds: number;
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
}

/**
 * Waits until the registration of a driver of that name has run out, as it does when its process was killed: what it saved
 * is the last then. Throws InputError when it is renewed: that driver lives.
 */
export async function awaitPredecessor(question: PredecessorQuestion): Promise<void> {
  const { client, endKey, name, ttlSeconds, signal, onStep } = question;
  const { live } = controlKeys(endKey, name);
  const deadline = performance.now() + ttlSeconds * 3000;
  let leftSeconds = Number.POSITIVE_INFINITY;
  // A new leader of etcd's gives every lease its full time, once.
  for (let renewals = 0; renewals < 2 && performance.now() < deadline; ) {
    const [kv] = (await client.range(live, { signal })).kvs;
    if (kv === undefined) return;
    onStep(`waiting for the registration of the last '${name}' to run out`);
    const left = await client.leaseTimeToLive(kv.lease, { signal });
    if (left.ttlSeconds > leftSeconds) renewals += 1;
    leftSeconds = left.ttlSeconds;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  await refuseTwin(question);
}

/** Throws InputError when there is a driver of that name. */
export async function refuseTwin({ client, endKey, name, signal }: PredecessorQuestion): Promise<void> {
  const [kv] = (await client.range(controlKeys(endKey, name).live, { signal })).kvs;
  if (kv !== undefined) throw alive(parseRecord<DriverRecord>(kv.value), name);
}

function alive(holder: DriverRecord | undefined, name: string): InputError {
  const who = holder === undefined ? '' : `: process ${holder.pid} on ${holder.host}, since ${holder.startedAt}`;
  return new InputError(`there is a driver of the name '${name}'${who}`, {
    hint: 'two drivers can’t share one state: end that one first, or give this one another --name',
  });
}
