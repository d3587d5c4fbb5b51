import { expect, test } from 'vitest';
import { leaseFloorSeconds } from './cluster-notes.ts';

// As etcd computes it: 3 × election ticks / 2 heartbeats, the ticks whole.
test.each([
  [{}, 2],
  [{ 'election-timeout': 15_000, 'heartbeat-interval': 100 }, 23],
  [{ 'election-timeout': '5000', 'heartbeat-interval': '500' }, 8],
  [{ 'election-timeout': 1000, 'heartbeat-interval': 300 }, 2],
])('with %j etcd grants no lease for less than %d s', (flags, seconds) => {
  expect(leaseFloorSeconds(flags)).toBe(seconds);
});
