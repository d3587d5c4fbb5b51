import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEtcd, startTcpProxy, type TestCluster } from '../../testing/index.ts';
import {
  Method,
  ProtoWriter,
  RequestTemplate,
  type TemplateFiller,
  type TemplateOwner,
  WireClient,
  writePut,
  writeRange,
} from '../index.ts';

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

/** Leaves the request as it is. */
const AS_IT_IS: TemplateFiller = { fill: () => {} };

/** Counts what ends how. */
function counter() {
  const counts = { answered: 0, failed: 0, unprocessed: 0, lost: 0, messages: 0, batches: 0 };
  /** In the order of the answers. */
  const tags: number[] = [];
  const why = new Set<string>();
  const owner: TemplateOwner = {
    onDone: (_startedAt, _now, status, outcome, tag, message) => {
      if (outcome === 'answered' && status !== 0) counts.failed += 1;
      else counts[outcome] += 1;
      tags.push(tag);
      if (message !== '') why.add(message);
    },
    onMessage: () => {
      counts.messages += 1;
    },
    onBatch: () => {
      counts.batches += 1;
    },
  };
  return { counts, tags, why, owner };
}

async function start(endpoint = cluster.endpoints[0]!, firstStreamId?: number) {
  const client = await WireClient.connect({ endpoints: [endpoint], firstStreamId });
  const { counts, tags, why, owner } = counter();
  const connection = client.connection!;
  return { client, connection, counts, tags, why, calls: connection.useTemplates(owner) };
}

test('many more calls than slots, each with its own key', async () => {
  const { client, connection, counts, tags, why, calls } = await start();
  const template = putTemplate('template/0000', 16);
  const filler: TemplateFiller = {
    fill: (bytes, at, tag) => bytes.write(String(tag).padStart(4, '0'), at + 'template/'.length),
  };
  for (let index = 0; index < 900; index += 1) {
    expect(calls.canSend(template)).toBe(true);
    calls.send(template, performance.now(), index, filler);
  }
  calls.flush();
  await vi.waitFor(() => expect(counts).toMatchObject({ answered: 900, messages: 900, failed: 0, lost: 0 }), WAIT);
  expect([...tags].sort((a, b) => a - b)).toEqual(Array.from({ length: 900 }, (_, index) => index));
  expect(why.size).toBe(0);
  expect(counts.batches).toBeLessThan(900);
  expect(await client.range('template/', { prefix: true, countOnly: true })).toMatchObject({ count: 900 });
  expect(connection.openCount).toBe(0);
  await client.close();
});

test('the first request of a connection, and large ones, are filled in as all others', async () => {
  const { client, counts, calls } = await start();
  const template = putTemplate('filled/00', 200_000);
  const small = putTemplate('filled/00', 10);
  const fills: number[] = [];
  const filler: TemplateFiller = {
    fill: (bytes, at, tag, startedAt) => {
      fills.push(startedAt);
      bytes.write(String(tag).padStart(2, '0'), at + 'filled/'.length);
    },
  };
  for (const [index, next] of [small, small, template, template, small].entries()) {
    await vi.waitFor(() => expect(calls.canSend(next)).toBe(true), WAIT);
    calls.send(next, index + 0.5, index, filler);
    calls.flush();
  }
  await vi.waitFor(() => expect(counts).toMatchObject({ answered: 5, messages: 5 }), WAIT);
  expect(fills).toEqual([0.5, 1.5, 2.5, 3.5, 4.5]);
  const { kvs } = await client.range('filled/', { prefix: true });
  expect(kvs.map(({ key, value }) => [key.toString(), value.length])).toEqual([
    ['filled/00', 10],
    ['filled/01', 10],
    ['filled/02', 200_000],
    ['filled/03', 200_000],
    ['filled/04', 10],
  ]);
  expect(template.frame.includes('filled/00')).toBe(true);
  await client.close();
});

test('requests of any length from one template, the first and large ones too', async () => {
  const { client, counts, calls } = await start();
  const template = RequestTemplate.varying(Method.put);
  const message = (tag: number, valueBytes: number) => {
    const writer = new ProtoWriter();
    writePut(writer, { key: `varying/${'k'.repeat(tag)}`, value: Buffer.alloc(valueBytes, 48 + tag) });
    return writer.finish().subarray(5);
  };
  const sizes = [10, 0, 100, 20_000, 1, 127, 200_000, 128, 5];
  for (const [tag, valueBytes] of sizes.entries()) {
    const put = message(tag, valueBytes);
    template.messageBytes = put.length;
    await vi.waitFor(() => expect(calls.canSend(template)).toBe(true), WAIT);
    calls.send(template, 0, tag, { fill: (bytes, at) => void put.copy(bytes, at) });
    calls.flush();
  }
  await vi.waitFor(() => expect(counts).toMatchObject({ answered: sizes.length, failed: 0, lost: 0 }), WAIT);
  const { kvs } = await client.range('varying/', { prefix: true });
  const found = kvs.map(({ key, value }) => [key.toString(), value.toString()]);
  expect(found).toEqual(sizes.map((bytes, tag) => [`varying/${'k'.repeat(tag)}`, `${tag}`.repeat(bytes)]));
  await client.close();
});

test('what etcd refuses is told in its words', async () => {
  const { client, counts, why, calls } = await start();
  const template = putTemplate('', 16);
  for (let count = 0; count < 3; count += 1) calls.send(template, 0, count, AS_IT_IS);
  calls.flush();
  await vi.waitFor(() => expect(counts).toMatchObject({ failed: 3, messages: 0 }), WAIT);
  expect([...why]).toEqual(['etcdserver: key is not provided']);
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
      calls.send(template, performance.now(), sent, AS_IT_IS);
    }
    calls.flush();
  };
  await vi.waitFor(() => {
    fill();
    expect(counts).toMatchObject({ answered: 60, failed: 0, lost: 0 });
  }, WAIT);
  await client.close();
});

test('responses of 8 MB, many at once, to a slow reader', async () => {
  const { client, connection, counts } = await start();
  for (let index = 0; index < 8; index += 1) await client.put(`huge/${index}`, Buffer.alloc(1_000_000, 'h'));
  const writer = new ProtoWriter();
  writeRange(writer, { key: 'huge/', prefix: true });
  const all = new RequestTemplate(Method.range, writer.finish(), 5);
  writeRange(writer, { key: 'huge/0', keysOnly: true });
  const one = new RequestTemplate(Method.range, writer.finish(), 5);
  const lengths: number[] = [];
  const reading = counter();
  const other = await WireClient.connect({ endpoints: cluster.endpoints });
  const calls = other.connection!.useTemplates({
    ...reading.owner,
    onMessage: (tag, _bytes, begin, end) => {
      lengths[tag] = end - begin;
      // The kernel's buffers fill, and the server has to wait.
      other.connection!.pause();
      setImmediate(() => other.connection!.resume());
    },
  });
  for (let tag = 0; tag < 12; tag += 1) calls.send(tag % 2 === 0 ? all : one, 0, tag, AS_IT_IS);
  calls.flush();
  await vi.waitFor(() => expect(reading.counts).toMatchObject({ answered: 12, failed: 0, lost: 0 }), WAIT);
  for (let tag = 0; tag < 12; tag += 1) {
    if (tag % 2 === 0) expect(lengths[tag]).toBeGreaterThan(8_000_000);
    else expect(lengths[tag]).toBeLessThan(200);
  }
  expect([counts.answered, connection.openCount]).toEqual([0, 0]);
  await other.close();
  await client.close();
});

test('a dead line: calls expire; those still open are lost with the connection', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const { client, connection, counts, tags, why, calls } = await start(`http://${proxy.address}`);
  const template = putTemplate('dead', 16);
  calls.send(template, performance.now(), 1, AS_IT_IS);
  await vi.waitFor(() => expect(counts.answered).toBe(1), WAIT);
  proxy.blackhole();
  calls.send(template, 1000, 2, AS_IT_IS);
  calls.send(template, 2000, 3, AS_IT_IS);
  // Larger than the window: the server can't have seen its end.
  calls.send(putTemplate('large', 200_000), 1000, 4, AS_IT_IS);
  calls.flush();
  calls.expire(1500, 3000);
  expect(counts).toMatchObject({ lost: 1, unprocessed: 1 });
  connection.close('enough');
  expect(counts).toMatchObject({ lost: 2, unprocessed: 1 });
  expect([tags, [...why]]).toEqual([
    [1, 4, 2, 3],
    ['no answer in time', 'enough'],
  ]);
  expect(calls.canSend(template)).toBe(false);
  await client.close();
});

test('stream ids run out in the middle: no call is lost', async () => {
  const { client, counts, calls } = await start(cluster.endpoints[0]!, 0x7fffffff - 200);
  const template = putTemplate('ids', 16);
  let sent = 0;
  for (; calls.canSend(template); sent += 1) calls.send(template, 0, sent, AS_IT_IS);
  calls.flush();
  expect(sent).toBe(101);
  await vi.waitFor(() => expect(counts).toMatchObject({ answered: sent, lost: 0 }), WAIT);
  await client.close();
});
