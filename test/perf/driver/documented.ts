import { openPatternSpace, parsePattern } from '@etcdperf/core/workload';

/** The pattern that the driver's documents show: 120,000 keys. */
export const DOCUMENTED_KEYS =
  '/prefix/:ip/%level2-%06d[2]/%level3-%04d[6]/%level4-%04d[2]/%level5-%040d[100]/%level6-%040d[10]/%leaf7-%06d[5]';
export const IP = '10.11.12.13';

/** Bytes of each of its keys. */
export function documentedKeyBytes(): number {
  return openPatternSpace(parsePattern(`${DOCUMENTED_KEYS};[0-9]{1}`), { ip: IP, seed: 1 }).keyBytesOf(0);
}
