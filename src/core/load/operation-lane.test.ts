import { expect, test } from 'vitest';
import { recordedPuts, startEtcd } from '../testing/index.ts';
import { LoadRun } from './load-run.ts';
import { LoadTally } from './load-tally.ts';
import { OperationConnection } from './operation-connection.ts';
import { OperationFeed } from './operation-feed.ts';

import { sharePlan } from './share-plan.ts';

test('stream ids run out again and again: new connections take over, and no request is lost', async () => {
  await using cluster = await startEtcd();
  const puts = recordedPuts('ids/');
  const plan = {
    pace: { kind: 'closed' },
    end: { kind: 'total', requests: 1000 },
    warmupMs: 0,
    connections: 2,
    clients: 10,
    maxInFlight: 10,
    timeoutMs: 5000,
    threads: 1,
    seed: 1,
  } as const;
  const tally = new LoadTally(puts.operation.kinds);
  const feed = new OperationFeed(puts.operation);
  // 100 requests for each connection.
  const wire = { endpoints: cluster.endpoints, firstStreamId: 0x7fffffff - 200 };
  const connections = [0, 1].map(() => new OperationConnection({ wire, timeoutMs: plan.timeoutMs }));
  const lanes = connections.map((connection, index) => connection.addLane(index, feed, tally));
  const { signal } = new AbortController();
  await Promise.all(connections.map((connection) => connection.open(signal)));
  const part = { pace: { kind: 'closed' as const, clients: 10 }, share: sharePlan(plan, 0), tally, lanes };
  const parts = { plan, parts: [part], connections, startsAt: performance.now() };
  await new LoadRun(parts, () => {}).finish(signal);
  expect(tally.take()).toMatchObject({ series: [{ ok: 1000, fail: 0, unknown: 0 }], sent: 1000, errors: [] });
  expect(puts.ok.size).toBe(1000);
  await Promise.all(connections.map((connection) => connection.close()));
});
