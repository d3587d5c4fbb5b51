import type { ThreadShare } from '@etcdperf/core/load';
import { makeValueSource, type ValueSource } from '@etcdperf/core/workload';
import type { KeyValueOptions } from './key-value-options.ts';

/** The values that one thread writes: of its own, unless one value is to be repeated everywhere. */
export function threadValues(
  { values, valueBytes }: Pick<KeyValueOptions, 'values' | 'valueBytes'>,
  { seed }: ThreadShare,
): ValueSource {
  return makeValueSource(values, valueBytes, values.kind === 'repeat' ? 0 : seed);
}
