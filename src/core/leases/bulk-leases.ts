import { type WireClient, WireError } from '../wire/index.ts';
import type { LeaseIds } from './lease-ids.ts';

const AT_ONCE = 256;

/** Grants all of them, and returns the TTL that etcd granted, in seconds. Rejects with the first failure. */
export async function grantLeases(
  client: WireClient,
  ids: LeaseIds,
  ttlSeconds: number,
  signal: AbortSignal,
): Promise<number> {
  let granted = 0;
  await atOnce(numbersOf(ids), async (number) => {
    granted = (await client.leaseGrant(ttlSeconds, BigInt(ids.first + number), { signal })).ttlSeconds;
  });
  return granted;
}

/** Revokes those of them that there are. Rejects with the first failure, after all were tried. */
export async function revokeLeases(
  client: WireClient,
  ids: LeaseIds,
  numbers: Iterable<number> = numbersOf(ids),
): Promise<number> {
  let revoked = 0;
  let failure: unknown;
  await atOnce(numbers, async (number) => {
    try {
      await client.leaseRevoke(BigInt(ids.first + number));
      revoked += 1;
    } catch (error) {
      // It ran out, or was never granted.
      if (!(error instanceof WireError && error.reason === 'lease-not-found')) failure ??= error;
    }
  });
  if (failure !== undefined) throw failure;
  return revoked;
}

function* numbersOf({ count }: LeaseIds): Generator<number> {
  for (let number = 0; number < count; number += 1) yield number;
}

async function atOnce(numbers: Iterable<number>, work: (number: number) => Promise<void>): Promise<void> {
  const waiting = numbers[Symbol.iterator]();
  const goOn = async () => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, goOn));
}
