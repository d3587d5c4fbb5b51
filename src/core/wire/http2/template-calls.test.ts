import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEtcd, startTcpProxy, type TestCluster } from '../../testing/index.ts';
import { Method, ProtoWriter, RequestTemplate, type TemplateOwner, WireClient, writePut } from '../index.ts';

const WAIT = { timeout: 30_000, interval: 10 };
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startEtcd();
});
afterAll(() => cluster.stop());

function putTemplate(key: string, valueBytes: number): RequestTemplate {
  const writer = new ProtoWriter();
  writePut(writer, { key, value: Buffer.alloc(valueBytes, 'v') });
  const frame = writer.finish();
  return new RequestTemplate(Method.put, frame, frame.indexOf(key));
}

/** Counts what ends how. */
function counter() {
  const counts = { answered: 0, failed: 0, unprocessed: 0, lost: 0, messages: 0, batches: 0 };
  const owner: TemplateOwner = {
    onDone: (_startedAt, _now, status, outcome) => {
      if (outcome === 'answered' && status !== 0) counts.failed += 1;
      else counts[outcome] += 1;
    },
    onMessage: () => {
      counts.messages += 1;
    },
    onBatch: () => {
      counts.batches += 1;
    },
  };
  return { counts, owner };
}

async function start(endpoint = cluster.endpoints[0]!, firstStreamId?: number) {
  const client = await WireClient.connect({ endpoints: [endpoint], firstStreamId });
  const { counts, owner } = counter();
  const connection = client.connection!;
  return { client, connection, counts, calls: connection.useTemplates(owner) };
}

test('many more calls than slots, each with its own key', async () => {
  const { client, connection, counts, calls } = await start();
  const template = putTemplate('template/0000', 16);
  for (let index = 0; index < 900; index += 1) {
    expect(calls.canSend(template)).toBe(true);
    const at = calls.send(template, performance.now());
    if (at >= 0) connection.output.bytes.write(String(index).padStart(4, '0'), at + 'template/'.length);
  }
  calls.flush();
  await vi.waitFor(() => expect(counts).toMatchObject({ answered: 900, messages: 900, failed: 0, lost: 0 }), WAIT);
  expect(counts.batches).toBeLessThan(900);
  expect(await client.range('template/', { prefix: true, countOnly: true })).toMatchObject({ count: 900 });
  expect(connection.openCount).toBe(0);
  await client.close();
});

test('values larger than windows and frames go too, as the server takes them', async () => {
  const { client, counts, calls } = await start();
  const [large, small] = [putTemplate('large', 300_000), putTemplate('small', 10_000)];
  let sent = 0;
  const fill = () => {
    for (; sent < 60; sent += 1) {
      const template = sent % 2 === 0 ? large : small;
      if (!calls.canSend(template)) break;
      calls.send(template, performance.now());
    }
    calls.flush();
  };
  await vi.waitFor(() => {
    fill();
    expect(counts).toMatchObject({ answered: 60, failed: 0, lost: 0 });
  }, WAIT);
  await client.close();
});

test('a dead line: calls expire; those still open are lost with the connection', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const { client, connection, counts, calls } = await start(`http://${proxy.address}`);
  const template = putTemplate('dead', 16);
  calls.send(template, performance.now());
  await vi.waitFor(() => expect(counts.answered).toBe(1), WAIT);
  proxy.blackhole();
  calls.send(template, 1000);
  calls.send(template, 2000);
  calls.flush();
  calls.expire(1500, 3000);
  expect(counts.lost).toBe(1);
  connection.close('enough');
  expect(counts.lost).toBe(2);
  expect(calls.canSend(template)).toBe(false);
  await client.close();
});

test('stream ids run out in the middle: no call is lost', async () => {
  const { client, counts, calls } = await start(cluster.endpoints[0]!, 0x7fffffff - 200);
  const template = putTemplate('ids', 16);
  let sent = 0;
  for (; calls.canSend(template); sent += 1) calls.send(template, 0);
  calls.flush();
  expect(sent).toBe(101);
  await vi.waitFor(() => expect(counts).toMatchObject({ answered: sent, lost: 0 }), WAIT);
  await client.close();
});
