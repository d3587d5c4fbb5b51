import { expect, test } from 'vitest';
import { WatchMonitor } from './watch-monitor.ts';

const space = { keyAt: () => -1 };

function told(events: readonly (readonly [revision: number, key: string])[]) {
  const monitor = new WatchMonitor(space, 2, undefined);
  for (const [revision, key] of events)
    monitor.onEvent(1, 'put', Buffer.from(key), 0, key.length, 0, 0, revision, performance.now());
  const { duplicated, reordered } = monitor;
  return { duplicated, reordered };
}

test('what comes twice or out of order is counted, several keys of one revision are not', () => {
  expect(
    told([
      [5, 'a'],
      [5, 'b'],
      [5, 'c'],
      [6, 'a'],
      [8, 'b'],
    ]),
  ).toEqual({ duplicated: 0, reordered: 0 });
  expect(
    told([
      [5, 'a'],
      [5, 'a'],
      [6, 'a'],
    ]),
  ).toEqual({ duplicated: 1, reordered: 0 });
  expect(
    told([
      [5, 'a'],
      [5, 'b'],
      [5, 'a'],
      [5, 'b'],
    ]),
  ).toEqual({ duplicated: 1, reordered: 0 });
  expect(
    told([
      [5, 'a'],
      [7, 'a'],
      [6, 'a'],
      [8, 'a'],
    ]),
  ).toEqual({ duplicated: 0, reordered: 1 });
});
