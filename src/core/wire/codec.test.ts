import fc from 'fast-check';
import Long from 'long';
import protobuf from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { etcdserverpb } from './generated/etcd.js';
import {
  prefixEnd,
  readDeleteRange,
  readLease,
  readLeaseTimeToLive,
  readMemberList,
  readPut,
  readRange,
  readStatus,
  readTxn,
  readWatch,
  scanLease,
  scanWatch,
  type TxnOperation,
  writeDeleteRange,
  writeLeaseGrant,
  writeLeaseTimeToLive,
  writePut,
  writeRange,
  writeTxn,
  writeWatchCancel,
  writeWatchCreate,
} from './messages/index.ts';
import { ProtoError, ProtoReader, ProtoWriter } from './protobuf/index.ts';

// It finds Long by itself in most loaders, and in others silently rounds member ids to doubles.
protobuf.util.Long = Long as unknown as typeof protobuf.util.Long;
protobuf.configure();

// The generated codec is the oracle: what we write it must read, and what it writes we must read.

const bytes = fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets));
const key = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((octets) => Buffer.from(octets));
const revision = fc.oneof(fc.nat(), fc.maxSafeNat());
const lease = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const writer = new ProtoWriter();

function written<T>(write: (target: ProtoWriter, value: T) => void, value: T): Buffer {
  write(writer, value);
  const frame = writer.finish();
  expect(frame[0]).toBe(0);
  expect(frame.readUInt32BE(1)).toBe(frame.length - 5);
  return frame.subarray(5);
}

/** Comparable: bytes as hex, 64-bit numbers as text, defaults left out. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex') || undefined;
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value) === 0 ? undefined : String(value);
  if (typeof value !== 'object' || value === null) return value || undefined;
  if ('low' in value && 'high' in value) return String(value) === '0' ? undefined : String(value);
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => plain(item) ?? {});
  const entries = Object.entries(value)
    .filter(([name]) => !name.startsWith('$'))
    .map(([name, item]) => [name, plain(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

const reader = (encoded: Uint8Array) => new ProtoReader(Buffer.from(encoded));
/** What a sink is told of a WatchResponse. */
function scanned(encoded: Uint8Array): unknown[] {
  const told: unknown[] = [];
  scanWatch(reader(encoded), {
    onCreated: (...args) => void told.push(['created', ...args]),
    onRefused: (...args) => void told.push(['refused', ...args]),
    onEvent: (watchId, type, bytes, keyStart, keyEnd, valueStart, valueEnd, modRevision) => {
      expect(keyEnd).toBeLessThanOrEqual(bytes.length);
      expect(valueEnd).toBeLessThanOrEqual(bytes.length);
      const value = bytes.subarray(valueStart, valueEnd);
      told.push(['event', watchId, type, bytes.subarray(keyStart, keyEnd), value, modRevision]);
    },
    onCanceled: (...args) => void told.push(['canceled', ...args]),
    onProgress: (...args) => void told.push(['progress', ...args]),
  });
  return told;
}

const long = (value: bigint | number) => BigInt(value).toString();

describe('requests', () => {
  test('put', () => {
    fc.assert(
      fc.property(bytes, bytes, lease, fc.boolean(), (k, value, id, prevKv) => {
        const read = etcdserverpb.PutRequest.decode(written(writePut, { key: k, value, lease: id, prevKv }));
        expect(plain(read)).toEqual(plain({ key: k, value, lease: id, prevKv }));
      }),
    );
  });

  test('range and deleteRange', () => {
    fc.assert(
      fc.property(key, bytes, revision, revision, fc.boolean(), (k, rangeEnd, limit, at, flag) => {
        const options = {
          ...{ rangeEnd, limit, revision: at, minModRevision: at, maxCreateRevision: limit },
          ...{ serializable: flag, keysOnly: !flag, countOnly: flag },
        };
        const sort = { by: 'mod', order: 'descend' } as const;
        const range = etcdserverpb.RangeRequest.decode(written(writeRange, { key: k, ...options, sort }));
        expect(plain(range)).toEqual(plain({ key: k, ...options, sortOrder: 2, sortTarget: 3 }));
        const gone = etcdserverpb.DeleteRangeRequest.decode(
          written(writeDeleteRange, { key: k, rangeEnd, prevKv: flag }),
        );
        expect(plain(gone)).toEqual(plain({ key: k, rangeEnd, prevKv: flag }));
      }),
    );
  });

  test('txn: every kind of operation and comparison', () => {
    const operation: fc.Arbitrary<TxnOperation> = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), key, value: bytes, lease }),
      fc.record({ kind: fc.constant('range' as const), key, limit: revision }),
      fc.record({ kind: fc.constant('delete' as const), key, rangeEnd: bytes }),
    );
    fc.assert(
      fc.property(
        fc.array(operation),
        fc.array(operation),
        key,
        revision,
        lease,
        bytes,
        (success, failure, k, r, id, v) => {
          const compare = [
            { key: k, is: '=', target: 'create', value: r },
            { key: k, is: '>', target: 'mod', value: 0 },
            { key: k, is: '<', target: 'version', value: r },
            { key: k, is: '!=', target: 'lease', value: id },
            { key: k, is: '=', target: 'value', value: v },
          ] as const;
          const nested = { kind: 'txn', success } as const;
          const read = etcdserverpb.TxnRequest.decode(
            written(writeTxn, { compare, success, failure: [...failure, nested] }),
          );
          const names = { put: 'requestPut', range: 'requestRange', delete: 'requestDeleteRange' } as const;
          const expected = (operations: readonly TxnOperation[]) =>
            operations.map(({ kind, ...rest }) => (kind === 'txn' ? {} : { [names[kind]]: rest }));
          expect(plain(read.compare)).toEqual(
            plain([
              { result: 0, target: 1, key: k, createRevision: r },
              { result: 1, target: 2, key: k },
              { result: 2, target: 0, key: k, version: r },
              { result: 3, target: 4, key: k, lease: id },
              { result: 0, target: 3, key: k, value: v },
            ]),
          );
          // An empty or zero target is written all the same: etcd looks at which one is there.
          expect(read.compare?.map((item) => item.targetUnion)).toEqual([
            'createRevision',
            'modRevision',
            'version',
            'lease',
            'value',
          ]);
          expect(plain(read.success)).toEqual(plain(expected(success)));
          expect(plain(read.failure?.slice(0, -1))).toEqual(plain(expected(failure)));
          expect(plain(read.failure?.at(-1)?.requestTxn?.success)).toEqual(plain(expected(success)));
        },
      ),
    );
  });

  test('lease and watch', () => {
    fc.assert(
      fc.property(key, bytes, revision, lease, fc.boolean(), (k, rangeEnd, n, id, flag) => {
        expect(plain(etcdserverpb.LeaseGrantRequest.decode(written(writeLeaseGrant, { ttlSeconds: n, id })))).toEqual(
          plain({ TTL: n, ID: id }),
        );
        expect(
          plain(etcdserverpb.LeaseTimeToLiveRequest.decode(written(writeLeaseTimeToLive, { id, keys: flag }))),
        ).toEqual(plain({ ID: id, keys: flag }));
        const create = { key: k, rangeEnd, startRevision: n, progressNotify: flag, prevKv: !flag };
        expect(plain(etcdserverpb.WatchRequest.decode(written(writeWatchCreate, create)).createRequest)).toEqual(
          plain({ ...create, fragment: true }),
        );
        expect(plain(etcdserverpb.WatchRequest.decode(written(writeWatchCancel, n)))).toEqual(
          n === 0 ? { cancelRequest: {} } : plain({ cancelRequest: { watchId: n } }),
        );
      }),
    );
  });
});

describe('responses', () => {
  const id64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const header = fc.record({ clusterId: id64, memberId: id64, revision, raftTerm: revision });
  const kv = fc.record({
    key: bytes,
    value: bytes,
    createRevision: revision,
    modRevision: revision,
    version: revision,
    lease,
  });
  // The oracle takes 64-bit numbers as its own objects; it parses text into them.
  const longs = (value: unknown): unknown => {
    if (value instanceof Uint8Array || typeof value === 'boolean' || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return Long.fromString(long(value), true);
    if (Array.isArray(value)) return value.map(longs);
    return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, longs(item)]));
  };
  const encoded = (type: { encode(message: never): { finish(): Uint8Array } }, message: unknown) =>
    reader(type.encode(longs(message) as never).finish());

  test('kv', () => {
    fc.assert(
      fc.property(header, fc.array(kv, { maxLength: 5 }), kv, revision, fc.boolean(), (h, kvs, prevKv, n, more) => {
        expect(readPut(encoded(etcdserverpb.PutResponse, { header: h, prevKv }))).toEqual({ header: h, prevKv });
        expect(readRange(encoded(etcdserverpb.RangeResponse, { header: h, kvs, more, count: n }))).toEqual({
          header: h,
          kvs,
          more,
          count: n,
        });
        expect(
          readDeleteRange(encoded(etcdserverpb.DeleteRangeResponse, { header: h, deleted: n, prevKvs: kvs })),
        ).toEqual({
          header: h,
          deleted: n,
          prevKvs: kvs,
        });
        const responses = [{ responsePut: { header: h } }, { responseRange: { header: h, kvs, more, count: n } }];
        expect(readTxn(encoded(etcdserverpb.TxnResponse, { header: h, succeeded: more, responses }))).toEqual({
          header: h,
          succeeded: more,
          responses: [
            { kind: 'put', header: h },
            { kind: 'range', header: h, kvs, more, count: n },
          ],
        });
      }),
    );
  });

  test('lease', () => {
    fc.assert(
      fc.property(header, lease, revision, fc.array(bytes), (h, id, n, keys) => {
        expect(readLease(encoded(etcdserverpb.LeaseGrantResponse, { header: h, ID: id, TTL: n }))).toEqual({
          header: h,
          id,
          ttlSeconds: n,
        });
        expect(
          readLeaseTimeToLive(
            encoded(etcdserverpb.LeaseTimeToLiveResponse, { header: h, ID: id, TTL: n, grantedTTL: n, keys }),
          ),
        ).toEqual({ header: h, id, ttlSeconds: n, grantedTtlSeconds: n, keys });
      }),
    );
  });

  test('watch', () => {
    fc.assert(
      fc.property(header, fc.array(kv, { maxLength: 4 }), revision, fc.boolean(), (h, kvs, n, flag) => {
        const message = {
          header: h,
          watchId: n,
          created: flag,
          canceled: !flag,
          compactRevision: n,
          cancelReason: 'why',
        };
        const events = kvs.map((item, index) => (index % 2 === 0 ? { kv: item } : { kv: item, prevKv: item }));
        const watch = readWatch(encoded(etcdserverpb.WatchResponse, { ...message, fragment: flag, events }));
        expect(watch).toEqual({
          ...message,
          fragment: flag,
          events: events.map((event) => ({ type: 'put', ...event })),
        });
      }),
    );
  });

  test('a watch response scanned says what it says when read', () => {
    const type = fc.constantFrom(0, 1);
    fc.assert(
      fc.property(
        header,
        fc.array(fc.tuple(type, kv, kv), { maxLength: 4 }),
        fc.record({ watchId: fc.nat(), created: fc.boolean(), canceled: fc.boolean(), fragment: fc.boolean() }),
        (h, items, flags) => {
          const events = items.map(([eventType, item, prevKv]) => ({ type: eventType, kv: item, prevKv }));
          const message = { header: h, ...flags, compactRevision: 7, cancelReason: 'why', events };
          const bytes = etcdserverpb.WatchResponse.encode(message as never).finish();
          const read = readWatch(reader(bytes));
          const expected: unknown[] = [];
          if (read.created) expected.push(read.canceled ? ['refused', 'why'] : ['created', read.watchId, h.revision]);
          for (const event of read.events)
            expected.push(['event', read.watchId, event.type, event.kv.key, event.kv.value, event.kv.modRevision]);
          if (read.canceled && !read.created) expected.push(['canceled', read.watchId, 'why', 7]);
          else if (!read.created && !read.fragment && events.length === 0)
            expected.push(['progress', read.watchId, h.revision]);
          expect(scanned(bytes)).toEqual(expected);
        },
      ),
    );
  });

  test('members and their status', () => {
    const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const text = fc.string({ maxLength: 30 });
    const asLong = (value: bigint | number) => Long.fromString(String(value), true);
    const member = fc.record({
      id,
      name: text,
      peerUrls: fc.array(text),
      clientUrls: fc.array(text),
      isLearner: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(member), (members) => {
        const message = members.map(({ id, peerUrls, clientUrls, ...rest }) => ({
          ID: asLong(id),
          peerURLs: peerUrls,
          clientURLs: clientUrls,
          ...rest,
        }));
        const encoded = etcdserverpb.MemberListResponse.encode({ members: message } as never).finish();
        expect(readMemberList(reader(encoded))).toEqual(members);
      }),
    );
    const status = fc.record({
      clusterId: id,
      memberId: id,
      revision: fc.maxSafeNat(),
      version: text,
      dbSize: fc.maxSafeNat(),
      dbSizeInUse: fc.maxSafeNat(),
      leader: id,
      raftTerm: fc.maxSafeNat(),
      raftIndex: fc.maxSafeNat(),
      raftAppliedIndex: fc.maxSafeNat(),
      errors: fc.array(text),
      isLearner: fc.boolean(),
    });
    fc.assert(
      fc.property(status, (expected) => {
        const { clusterId, memberId, revision, ...rest } = expected;
        const numbers = Object.entries(rest).map(([name, value]) => [
          name,
          typeof value === 'bigint' || typeof value === 'number' ? asLong(value) : value,
        ]);
        const header = { clusterId: asLong(clusterId), memberId: asLong(memberId), revision: asLong(revision) };
        const encoded = etcdserverpb.StatusResponse.encode({
          header,
          ...Object.fromEntries(numbers),
        } as never).finish();
        expect(readStatus(reader(encoded))).toEqual(expected);
      }),
    );
  });

  test('a watch id of -1, which etcd gives to what it refuses', () => {
    const message = etcdserverpb.WatchResponse.encode({ watchId: Long.fromNumber(-1), canceled: true }).finish();
    expect(readWatch(reader(message))).toMatchObject({ watchId: -1, canceled: true });
    expect(scanned(message)).toEqual([['canceled', -1, '', 0]]);
  });

  test('whatever arrives is a message or a ProtoError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const readers = [readPut, readRange, readDeleteRange, readTxn, readLease, readLeaseTimeToLive, readWatch];
        const scanLeaseOf = (from: ProtoReader) => scanLease(from, () => {});
        for (const read of [...readers, (from: ProtoReader) => void scanned(from.bytes), scanLeaseOf]) {
          try {
            read(reader(noise));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtoError);
          }
        }
      }),
    );
  });
});

test('numbers of every size', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger(), (large, safe) => {
      const read = reader(written((target) => target.presentNumber(1, safe).bigint(2, large), undefined));
      expect(read.next()).toBe(1);
      expect(read.number()).toBe(safe);
      if (large !== 0n) {
        expect(read.next()).toBe(2);
        expect(read.int64()).toBe(large);
      }
      expect(read.next()).toBe(0);
    }),
  );
});

test('the end of a prefix', () => {
  expect(prefixEnd('abc')).toEqual(Buffer.from('abd'));
  expect(prefixEnd(Buffer.from([1, 0xff, 0xff]))).toEqual(Buffer.from([2]));
  expect(prefixEnd(Buffer.from([0xff]))).toEqual(Buffer.from([0]));
  expect(prefixEnd('')).toEqual(Buffer.from([0]));
});
