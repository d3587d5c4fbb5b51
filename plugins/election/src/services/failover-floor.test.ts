import { expect, test } from 'vitest';
import { failoverFloor } from './failover-floor.ts';

test.each([
  // granted TTL, refresh, earliest, latest
  [2, 500, 1500, 2500],
  [4, 500, 3500, 4500],
  [2, 1900, 100, 2500],
  [2, 5000, 0, 2500], // renewed less often than the TTL: the lease may be gone when the kill comes
])(
  'a TTL of %i s renewed every %i ms expires %i to %i ms after the kill',
  (grantedTtlSeconds, refreshMs, minMs, maxMs) => {
    expect(failoverFloor({ grantedTtlSeconds, refreshMs })).toEqual({ minMs, maxMs });
  },
);
