import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

test.each([
  ['hots', ['hosts', 'groups'], 'hosts'],
  ['prot', ['port', 'prop'], 'port'],
  ['etdc', ['agents', 'etcd'], 'etcd'],
  ['Node1', ['node1', 'node2'], 'node1'],
  ['xyz', ['hosts', 'groups'], undefined],
  ['a', ['b'], undefined],
  ['ab', ['ac', 'cd'], 'ac'],
  ['heartbeat-intervall', ['heartbeat-interval', 'election-timeout'], 'heartbeat-interval'],
  ['anything', [], undefined],
])('%s among %j is %s', (name, candidates, nearest) => {
  expect(nearestName(name, candidates)).toBe(nearest);
});
