import { openPatternSpace, type PatternSpace, parsePattern, type Workload } from '@etcdperf/core/workload';

/** Loads all keys, and that is it. */
export const WORKLOAD: Workload = {
  pattern: '',
  rules: {},
  valueBytes: undefined,
  keysPerCombination: 1,
  load: { ratePerSec: undefined },
  subtreeChurn: undefined,
  valueChurn: undefined,
  reads: undefined,
  watches: undefined,
  leases: undefined,
  verification: undefined,
  connections: 2,
  clients: 8,
  timeoutMs: 5000,
  reconnectAfter: 0,
  durationMs: undefined,
  seed: 7,
};

/** The keys and values of a pattern, for a driver at 10.0.0.1. */
export function openSpace(pattern: string): PatternSpace {
  return openPatternSpace(parsePattern(pattern), { ip: '10.0.0.1', seed: WORKLOAD.seed });
}
