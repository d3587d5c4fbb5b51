import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyRecord } from '../contents/key-record.ts';
import { pageOf } from '../contents/page-of.ts';
import { DUMP_COLUMNS, type DumpLayout, dumpLayout } from './dump-layout.ts';
import { createDumpWriter } from './dump-writer.ts';
import { createRowsReader } from './open-dump-file.ts';
import { OutputBuffer } from './output-buffer.ts';
import { recogniseContent } from './recognise-content.ts';

const awkward = fc
  .array(fc.constantFrom('"', ',', '\r', '\n', '\0', '\\', '{', 'a', 'é', '€', '😀', '\ufeff', '\u2028'), {
    maxLength: 60,
  })
  .map((parts) => Buffer.from(parts.join('')));
const bytes = (options: { minLength?: number; maxLength?: number } = {}) =>
  fc.uint8Array({ maxLength: 90, ...options }).map((array) => Buffer.from(array));
const anything = fc.oneof(
  fc.string().map((text) => Buffer.from(text)),
  awkward,
  bytes(),
);
const count = fc.oneof(
  fc.nat(20),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  fc.constantFrom(999_999_999, 2 ** 31),
);

const anyRecord: fc.Arbitrary<KeyRecord> = fc
  .record({
    key: anything.filter(({ length }) => length > 0),
    value: anything,
    createRevision: count,
    modRevision: count,
    version: count,
    lease: fc.oneof(fc.constant(0n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    ttlSeconds: fc.oneof(fc.constant(-1), fc.nat()),
  })
  .map((record) => ({
    ...record,
    valueSize: record.value.length,
    ttlSeconds: record.lease === 0n ? undefined : record.ttlSeconds,
  }));

const anyLayout = fc
  .record({
    format: fc.constantFrom('csv' as const, 'jsonl' as const),
    keys: fc.constantFrom('text' as const, 'base64' as const, 'hex' as const),
    values: fc.constantFrom('text' as const, 'base64' as const, 'hex' as const, 'none' as const),
    columns: fc.option(fc.uniqueArray(fc.constantFrom(...DUMP_COLUMNS)), { nil: undefined }),
    isKubernetes: fc.boolean(),
    keysOnly: fc.boolean(),
  })
  .map(dumpLayout);

/** Two keys of one lease have the same time left. */
const ttlsOf = (records: readonly KeyRecord[]) => new Map(records.map(({ lease, ttlSeconds }) => [lease, ttlSeconds!]));

function write(layout: DumpLayout, records: readonly KeyRecord[]): Buffer {
  const output = new OutputBuffer(16);
  const writer = createDumpWriter(layout);
  writer.begin(output);
  // Pages of several sizes, and one buffer for all that is read and written.
  const sizes = [1, 3, 200];
  for (let from = 0; from < records.length; ) {
    const page = pageOf(records.slice(from, from + sizes[from % sizes.length]!));
    expect(writer.append(page, output, { ttls: ttlsOf(records) })).toBe(page.length);
    from += page.length;
  }
  return Buffer.from(output.content());
}

/** What a dump of this layout can tell of a key. */
function told(layout: DumpLayout, record: KeyRecord, ttls: ReadonlyMap<bigint, number>): KeyRecord {
  const has = (column: (typeof DUMP_COLUMNS)[number]) => layout.columns.includes(column);
  return {
    key: record.key,
    value: has('value') ? record.value : undefined,
    valueSize: has('value') || has('value_size') ? record.valueSize : undefined,
    createRevision: has('create_revision') ? record.createRevision : 0,
    modRevision: has('mod_revision') ? record.modRevision : 0,
    version: has('version') ? record.version : 0,
    lease: has('lease') ? record.lease : 0n,
    ttlSeconds: has('ttl_left') && record.lease !== 0n ? ttls.get(record.lease) : undefined,
  };
}

function read(layout: DumpLayout, content: Buffer, borders: readonly number[]): KeyRecord[] {
  const reader = createRowsReader(layout, 'dump');
  const records: KeyRecord[] = [];
  let rest = Buffer.alloc(0);
  let from = 0;
  for (const to of [...borders.map((border) => border % (content.length + 1)), content.length].sort((a, b) => a - b)) {
    const bytes = Buffer.concat([rest, content.subarray(from, to)]);
    const { records: batch, used } = reader.read(bytes, false);
    records.push(...batch);
    rest = bytes.subarray(used);
    from = to;
  }
  records.push(...reader.read(rest, true).records);
  expect(reader.rows).toBe(records.length);
  return records;
}

test('any keys are read as they were written, wherever the pieces end that they come in', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 12 }), anyLayout, fc.array(fc.nat()), (records, layout, borders) => {
      const content = write(layout, records);
      const ttls = ttlsOf(records);
      const expected = records.map((record) => told(layout, record, ttls));
      expect(read(layout, content, borders)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('a dump says itself how its keys are written down', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 3 }), anyLayout, (records, layout) => {
      const recognised = recogniseContent(write(layout, records));
      if (layout.format === 'csv') expect(recognised).toEqual({ kind: 'dump', layout });
      else expect(recognised).toMatchObject({ kind: 'dump', layout: { format: 'jsonl' } });
    }),
  );
});

test('many keys: those that are not text leave all others as they are', () => {
  const record = (row: number): KeyRecord => {
    const value = row % 300 === 299 ? Buffer.from([0xff, row & 0xff]) : Buffer.from(`value ${row}, "quoted"`.repeat(3));
    return {
      key: Buffer.from(`/keys/${row}`),
      value,
      valueSize: value.length,
      createRevision: row + 1,
      modRevision: row + 2,
      version: 1,
      lease: 0n,
      ttlSeconds: undefined,
    };
  };
  const records = Array.from({ length: 1000 }, (_, row) => record(row));
  for (const format of ['csv', 'jsonl'] as const) {
    const layout = dumpLayout({ format });
    expect(read(layout, write(layout, records), [])).toEqual(records);
    const page = pageOf(records);
    const output = new OutputBuffer();
    const selected = Uint8Array.from(records, (_, row) => row % 2);
    expect(createDumpWriter(layout).append(page, output, { selected })).toBe(500);
    const header = format === 'csv' ? Buffer.from(`${layout.columns.join(',')}\r\n`) : Buffer.alloc(0);
    const half = read(layout, Buffer.concat([header, output.content()]), []);
    expect(half).toEqual(records.filter((_, row) => row % 2 === 1));
  }
});

test.each([
  ['csv', 'text', 'a,b', 'v', '"a,b",v,,7,8,1,,,1\r\n'],
  ['csv', 'text', 'a', 'say "x"\r\n', 'a,"say ""x""\r\n",,7,8,1,,,9\r\n'],
  ['csv', 'text', '\xff', 'v', '/w==,v,key,7,8,1,,,1\r\n'],
  ['csv', 'text', '\xff', '\xfe', '/w==,/g==,key value,7,8,1,,,1\r\n'],
  ['csv', 'hex', 'a', '\xfe', '61,fe,7,8,1,,,1\r\n'],
  [
    'jsonl',
    'text',
    'a',
    'v"\n',
    '{"key":"a","value":"v\\"\\n","create_revision":7,"mod_revision":8,"version":1,"value_size":3}\n',
  ],
  [
    'jsonl',
    'text',
    '\xff',
    'v',
    '{"key_base64":"/w==","value":"v","create_revision":7,"mod_revision":8,"version":1,"value_size":1}\n',
  ],
  [
    'jsonl',
    'hex',
    'a',
    '',
    '{"key_hex":"61","value_hex":"","create_revision":7,"mod_revision":8,"version":1,"value_size":0}\n',
  ],
] as const)('%s, %s: %j is written so', (format, encoding, key, value, row) => {
  const layout = dumpLayout({ format, keys: encoding, values: encoding });
  const output = new OutputBuffer();
  const record = {
    createRevision: 7,
    modRevision: 8,
    version: 1,
    lease: 0n,
    ttlSeconds: undefined,
    valueSize: undefined,
  };
  const page = pageOf([{ ...record, key: Buffer.from(key, 'latin1'), value: Buffer.from(value, 'latin1') }]);
  createDumpWriter(layout).append(page, output);
  expect(output.content().toString()).toBe(row);
});

test('a lease is written as etcdctl prints it, with the seconds that it has left', () => {
  const layout = dumpLayout({ columns: ['key', 'lease', 'ttl_left'] });
  const output = new OutputBuffer();
  const writer = createDumpWriter(layout);
  writer.begin(output);
  const record = {
    value: Buffer.alloc(0),
    valueSize: 0,
    createRevision: 1,
    modRevision: 1,
    version: 1,
    ttlSeconds: undefined,
  };
  const leases = [0x694d_7ab1_2345_6789n, 7n, 0n];
  const page = pageOf(leases.map((lease, row) => ({ ...record, key: Buffer.from(`${row}`), lease })));
  writer.append(page, output, {
    ttls: new Map([
      [7n, -1],
      [0x694d_7ab1_2345_6789n, 42],
    ]),
  });
  expect(output.content().toString()).toBe(
    'key,lease,ttl_left\r\n0,694d7ab123456789,42\r\n1,0000000000000007,-1\r\n2,,\r\n',
  );
});

test('Kubernetes objects are named where they are asked for', () => {
  const value = Buffer.from('k8s\0\n\x09\n\x02v1\x12\x03Pod');
  const record = { valueSize: 0, createRevision: 1, modRevision: 1, version: 1, lease: 0n, ttlSeconds: undefined };
  const page = pageOf([
    { ...record, key: Buffer.from('/registry/pods/a/b'), value },
    { ...record, key: Buffer.from('/registry/x'), value: Buffer.from('x') },
  ]);
  const columns = ['key', 'api_version', 'kind'] as const;
  for (const [format, rows] of [
    ['csv', '/registry/pods/a/b,v1,Pod\r\n/registry/x,,\r\n'],
    ['jsonl', '{"key":"/registry/pods/a/b","api_version":"v1","kind":"Pod"}\n{"key":"/registry/x"}\n'],
  ] as const) {
    const output = new OutputBuffer();
    createDumpWriter(dumpLayout({ format, columns })).append(page, output);
    expect(output.content().toString()).toBe(rows);
  }
});

test.each([
  ['csv', 'key,version\r\na,1\r\nb,x\r\n', 'dump:3:3', "version isn't a number", 1],
  ['csv', 'key,version\r\n"a\r\nb",1\r\nc"d,2\r\n', 'dump:4:2', 'a quote inside a field without quotes', 1],
  ['csv', 'key,version\r\n"a\r\nb"c,1\r\n', 'dump:3:3', 'something behind the closing quote of a field', 0],
  ['csv', 'key,version\r\na\r\n', 'dump:2:1', '1 fields where the header has 2', 0],
  ['csv', 'key,version\r\na,1\rb,2\r\n', 'dump:2:4', 'a carriage return without a line feed', 0],
  ['csv', 'key,encoding\r\na,all\r\n', 'dump:2:3', "encoding is 'all'", 0],
  ['csv', 'key,encoding\r\na=b,key\r\n', 'dump:2:1', 'not base64', 0],
  ['csv', 'key_hex,lease\r\nABC,\r\n', 'dump:2:1', 'not hex', 0],
  ['csv', 'key,lease\r\na,7g\r\n', 'dump:2:3', "lease isn't a hexadecimal number", 0],
  ['csv', 'key,version\r\na,1\r\nb,2', 'dump:3', 'it ends in the middle of row 2', 1],
  ['csv', 'key,version\r\na,1\r\n"b,2\r\n', 'dump:3', 'it ends in the middle of row 2', 1],
  ['jsonl', '{"key":"a"}\n{"key":\n', 'dump:2:8', "the line isn't JSON", 1],
  ['jsonl', '{"key":"ä" x}\n', 'dump:1:13', "the line isn't JSON", 0],
  ['jsonl', '[]\n', 'dump:1:1', "the line isn't an object", 0],
  ['jsonl', '{"value":"a"}\n', 'dump:1:1', 'there is no key', 0],
  ['jsonl', '{"key":"ä","version":"1"}\n', 'dump:1:13', "version isn't a number", 0],
  ['jsonl', '{"key_base64":"a"}\n', 'dump:1:2', "key_base64 isn't base64", 0],
  ['jsonl', '{"key":"a","lease":7}\n', 'dump:1:12', "lease isn't a hexadecimal number", 0],
  ['jsonl', '{"key":"a"}\n{"key":"b"}', 'dump:2', 'it ends in the middle of row 2', 1],
] as const)('%s that is damaged, %j: the place is named', (format, content, where, message, rows) => {
  const names = format === 'csv' ? content.slice(0, content.indexOf('\r')).split(',') : ['key'];
  const header = recogniseContent(Buffer.from(`${names.join(',')}\r\n`));
  if (header.kind !== 'dump') throw new Error('no header');
  expect(() => read({ ...header.layout, format }, Buffer.from(content), [])).toThrow(
    expect.objectContaining({ name: 'DamagedDumpError', message, where, rows }),
  );
});
