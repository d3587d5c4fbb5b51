import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProtoWriter } from '../protobuf/index.ts';
import { KvScan } from './scan-kv.ts';

const NUMBER = fc.maxSafeNat();
const HEADER = fc.record({ cluster: fc.bigInt(0n, 2n ** 64n - 1n), revision: NUMBER, term: NUMBER });
const KV = fc.record({ key: fc.uint8Array(), revision: NUMBER, value: fc.uint8Array({ maxLength: 300 }) });

type Header = { cluster: bigint; revision: number; term: number };

function writeHeader(writer: ProtoWriter, header: Header): void {
  writer.message(1, header, (inner, { cluster, revision, term }) =>
    inner.bigint(1, cluster).bigint(2, cluster).number(3, revision).number(4, term),
  );
}

/** The message, in the middle of other bytes. */
function framed(writer: ProtoWriter): [Buffer, number, number] {
  const frame = writer.finish();
  return [Buffer.concat([frame, Buffer.alloc(3, 0xff)]), 5, frame.length];
}

test('answers to puts and deletes', () => {
  const scan = new KvScan();
  fc.assert(
    fc.property(HEADER, NUMBER, KV, (header, deleted, kv) => {
      const writer = new ProtoWriter();
      writeHeader(writer, header);
      writer.message(2, kv, (inner) => inner.bytes(1, kv.key).bytes(5, kv.value));
      scan.put(...framed(writer));
      expect(scan.revision).toBe(header.revision);
      writeHeader(writer, header);
      writer.number(2, deleted);
      writer.message(3, kv, (inner) => inner.bytes(1, kv.key).bytes(5, kv.value));
      scan.deletion(...framed(writer));
      expect([scan.revision, scan.deleted]).toEqual([header.revision, deleted]);
    }),
  );
});

test('answers to ranges: their keys, and the bytes of these and of their values', () => {
  const scan = new KvScan();
  fc.assert(
    fc.property(HEADER, NUMBER, fc.array(KV), (header, count, kvs) => {
      for (const isMeasured of [true, false]) {
        const writer = new ProtoWriter();
        writeHeader(writer, header);
        for (const kv of kvs)
          writer.message(2, kv, (inner) =>
            inner.bytes(1, kv.key).number(2, kv.revision).number(3, kv.revision).number(4, 1).bytes(5, kv.value),
          );
        writer.boolean(3, true).number(4, count);
        scan.range(...framed(writer), isMeasured);
        const bytes = kvs.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
        expect([scan.revision, scan.count, scan.keys]).toEqual([header.revision, count, kvs.length]);
        expect(scan.bytes).toBe(isMeasured ? bytes : 0);
      }
    }),
  );
});
