import { formatSize } from '@etcdperf/core/stats';
import { databaseGrowth, explainPattern, type PatternSpace } from '@etcdperf/core/workload';

/** What loading keys will write. */
export interface SpaceEstimate {
  /** Of keys and values. */
  readonly bytes: number;
  /** For people. */
  readonly text: string;
}

/** Of so many keys of a space, by the average of some of them. */
export function estimateSpace(space: PatternSpace, keys: number): SpaceEstimate {
  const { keyBytes, valueBytes } = explainPattern(space, 0);
  const bytes = Math.round(keys * (keyBytes.mean + valueBytes.mean));
  const text =
    `${keys} keys to load, of ${keyBytes.mean} bytes on average, with values of ${valueBytes.mean}: ` +
    `the database grows by about ${formatSize(databaseGrowth(keys, bytes))}`;
  return { bytes, text };
}
