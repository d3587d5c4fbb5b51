import type { OwnKeys } from '../key-cleaner.ts';
import type { WatchKeySpace } from './watch-keys.ts';

/** The keys that a run may have written, for its clean-up. */
export function ownKeys(keys: WatchKeySpace): OwnKeys {
  return {
    key: keys.key(0),
    rangeEnd: Buffer.concat([keys.key(keys.size - 1), Buffer.of(0)]),
    has: (key) => keys.numberOf(key, 0, key.length) >= 0,
  };
}
