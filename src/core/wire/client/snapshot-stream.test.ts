import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEtcd, type TestCluster } from '../../testing/index.ts';
import type { StreamEnd } from '../http2/index.ts';
import { SnapshotStream } from './snapshot-stream.ts';
import { WireClient } from './wire-client.ts';

let etcd: TestCluster;
let client: WireClient;
beforeAll(async () => {
  etcd = await startEtcd();
  client = await WireClient.connect({ endpoints: etcd.endpoints, dialTimeoutMs: 30_000 });
  for (let index = 0; index < 5; index += 1) await client.put(`key-${index}`, Buffer.alloc(1_000_000, index));
});
afterAll(async () => {
  await client?.close();
  await etcd?.stop();
});

test('the whole database, then its checksum', async () => {
  const parts: Buffer[] = [];
  const remaining: number[] = [];
  const end = await new Promise<StreamEnd>((onEnd) => {
    const onBlob = (bytes: Buffer, from: number, to: number, left: number) => {
      parts.push(Buffer.from(bytes.subarray(from, to)));
      remaining.push(left);
    };
    const stream = new SnapshotStream(client.connection!, { onBlob, onEnd });
    stream.start();
    stream.connection.flush();
  });
  expect(end).toMatchObject({ kind: 'status', code: 0 });
  const all = Buffer.concat(parts);
  expect(all.length).toBeGreaterThan(5_000_000);
  expect(all.subarray(-32)).toEqual(createHash('sha256').update(all.subarray(0, -32)).digest());
  expect(remaining).toEqual(remaining.toSorted((a, b) => b - a));
  expect(remaining.at(-1)).toBe(0);
});

test('closed in the middle: nothing is told any more, and other calls go on', async () => {
  let blobs = 0;
  let isOver = false;
  await new Promise<void>((closed) => {
    const onBlob = () => {
      blobs += 1;
      stream.close();
      closed();
    };
    const onEnd = () => {
      isOver = true;
    };
    const stream = new SnapshotStream(client.connection!, { onBlob, onEnd });
    stream.start();
    stream.connection.flush();
  });
  expect((await client.range('key-1')).kvs).toHaveLength(1);
  expect([blobs, isOver]).toEqual([1, false]);
});
