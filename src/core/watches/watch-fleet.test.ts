import { expect, test, vi } from 'vitest';
import { startEtcd, startTcpProxy } from '../testing/index.ts';
import { WireClient } from '../wire/index.ts';
import { WatchFleet } from './watch-fleet.ts';

const WAIT = { timeout: 30_000, interval: 10 };

test('a quiet watch that asks for progress is not overtaken by compaction', async () => {
  await using cluster = await startEtcd({ flags: { 'watch-progress-notify-interval': '150ms' } });
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const gaps: number[] = [];
  const events: number[] = [];
  const options = {
    access: { endpoints: [`http://${proxy.address}`] },
    connections: 1,
    streams: 1,
    targets: [
      { key: 'quiet', progressNotify: true },
      { key: 'silent', progressNotify: false },
    ],
    createAhead: 1,
  };
  await using fleet = new WatchFleet(options, {
    onEvent: (watcher) => void events.push(watcher),
    onGap: (watcher) => void gaps.push(watcher),
  });
  const { signal } = new AbortController();
  await fleet.connect(signal);
  await fleet.create(signal);
  await client.put('busy', 'x');
  const { header } = await client.put('busy', 'y');
  await vi.waitFor(() => expect(fleet.nextRevision[0]).toBe(header.revision + 1), WAIT);
  proxy.cut();
  await client.compact(header.revision);
  proxy.heal();
  await vi.waitFor(() => expect(gaps).toEqual([1]), WAIT);
  await vi.waitFor(() => expect(fleet.inPlace).toBe(2), WAIT);
  await client.put('quiet', 'x');
  await client.put('silent', 'x');
  await vi.waitFor(() => expect(events).toEqual([0, 1]), WAIT);
  expect(gaps).toEqual([1]);
});
