import { prefixEnd } from '@etcdperf/core/wire';
import { explainPattern, type PatternSpace } from '@etcdperf/core/workload';
import type { KeyOptions, KeyValueOptions } from '../operations/key-value-options.ts';
import { openSource, type PatternKeyOptions } from '../operations/pattern-keys.ts';
import type { OwnKeys } from './key-cleaner.ts';
import { isOfSpace, keyBytes, rangeOf } from './key-space.ts';

/** What is known of the keys that a benchmark writes, however they are made. */
export interface WrittenKeys {
  readonly size: number;
  /** Of a key and its value, on average. */
  readonly bytesPerWrite: number;
  readonly own: OwnKeys;
}

export function writtenKeys(options: KeyValueOptions | PatternKeyOptions): WrittenKeys {
  if (!isOfPattern(options)) {
    const { keys, valueBytes } = options;
    return {
      size: keys.size,
      bytesPerWrite: keyBytes(keys) + valueBytes,
      own: { ...rangeOf(keys), has: (key) => isOfSpace(keys, key) },
    };
  }
  const space = openSource(options.pattern);
  const told = explainPattern(space, 0);
  return {
    size: space.size,
    bytesPerWrite: told.keyBytes.mean + told.valueBytes.mean,
    own: { ...rangeOfPattern(space), has: (key) => space.keyAt(key, 0, key.length) >= 0 },
  };
}

export function isOfPattern<Other extends KeyOptions>(
  options: Other | PatternKeyOptions,
): options is PatternKeyOptions {
  return 'pattern' in options;
}

/** From the first to the last of what begins as all keys of the pattern do; others may lie among them. */
export function rangeOfPattern(space: PatternSpace): { readonly key: Buffer; readonly rangeEnd: Buffer } {
  const bytes = Buffer.alloc(space.maxKeyBytes);
  // Levels of one name, which is the same for all keys.
  const varying = space.levels.findIndex((_, level) => space.nodesAt(level) > 1);
  const level = (varying < 0 ? space.levels.length : varying) - 1;
  const key = Buffer.from(level < 0 ? '/' : bytes.subarray(0, space.writeNode(bytes, 0, level, 0)));
  return { key, rangeEnd: prefixEnd(key) };
}
