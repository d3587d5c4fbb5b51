import { randomInt } from 'node:crypto';

/**
 * Ids that a run grants its leases with: `first`, `first + 1`, … A lease is known by its number, and no id has to be
 * remembered. All have one length as a varint, so that they fit into one place of a prepared request.
 */
export interface LeaseIds {
  readonly first: number;
  readonly count: number;
}

/** Bytes of each id as a varint: 2^49 to 2^56. Beyond 2^53 they would not be exact. */
export const LEASE_ID_BYTES = 8;
const LOWEST = 2 ** 52;
/** Ids of two runs meet with a chance of one in two billion; etcd would refuse the second lease. */
const BLOCK = 2 ** 21;
const BLOCKS = 2 ** 31 - 1;

/** @param count at most 2^21 */
export function chooseLeaseIds(count: number): LeaseIds {
  if (count > BLOCK) throw new RangeError(`${count} leases are more than ${BLOCK}`);
  return { first: LOWEST + randomInt(BLOCKS) * BLOCK, count };
}

/** Which lease of the run an id belongs to; -1: none. */
export function leaseNumber({ first, count }: LeaseIds, id: number | bigint): number {
  const number = Number(id) - first;
  return number >= 0 && number < count ? number : -1;
}

/** Writes the id into `bytes[at, at + LEASE_ID_BYTES)`, where the varint of another id of that length lies. */
export function writeLeaseId(bytes: Buffer, at: number, id: number): void {
  let high = Math.floor(id / 2 ** 28);
  let low = id - high * 2 ** 28;
  for (let i = 0; i < 4; i += 1) {
    bytes[at + i] = (low & 0x7f) | 0x80;
    low >>>= 7;
  }
  for (let i = 4; i < 7; i += 1) {
    bytes[at + i] = (high & 0x7f) | 0x80;
    high >>>= 7;
  }
  bytes[at + 7] = high;
}
