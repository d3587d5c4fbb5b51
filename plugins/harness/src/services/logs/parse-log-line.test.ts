import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LOG_LEVELS, parseLogLine, timeOfLine } from './parse-log-line.ts';

/** Any, also half of one: fast-check's own `binary` takes seconds to begin. */
const CHARACTER = fc.nat(0xffff).map((code) => String.fromCharCode(code));
const atMs = Date.UTC(2026, 10, 21, 23, 8, 5, 156);

describe('JSON', () => {
  test('time, level, message and the other fields', () => {
    const line =
      '{"level":"warn","ts":"2026-11-21T23:08:05.156156Z","caller":"txn/util.go:93","msg":"apply request took too long","took":"1.5s"}';
    expect(parseLogLine(line)).toEqual({
      atMs: expect.closeTo(atMs + 0.156, 2),
      level: 'warn',
      format: 'json',
      message: 'apply request took too long',
      fields: { took: '1.5s' },
    });
    expect(timeOfLine(line)).toBe(parseLogLine(line)?.atMs);
  });

  test.each(['2026-11-22T01:08:05.156+0200', '2026-11-22T01:08:05.156+02:00', atMs / 1000])(
    'a time with a zone: %s',
    (ts) => {
      expect(timeOfLine(JSON.stringify({ level: 'info', ts, msg: 'm' }))).toBeCloseTo(atMs, 3);
    },
  );

  test('what a key holds is never taken for the time', () => {
    const line = JSON.stringify({ msg: '"ts":"2020-01-01T00:00:00Z"', level: 'info', ts: '2026-11-21T23:08:05.156Z' });
    expect(timeOfLine(line)).toBe(atMs);
  });

  test('whatever is written is read', () => {
    const written = fc.record({
      level: fc.constantFrom('debug', 'info', 'warn', 'error', 'panic', 'fatal'),
      ts: fc
        .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      msg: fc.string({ unit: CHARACTER }),
      request: fc.string({ unit: CHARACTER }),
    });
    fc.assert(
      fc.property(written, (object) => {
        const read = parseLogLine(JSON.stringify(object));
        expect(read).toMatchObject({ message: object.msg, fields: { request: object.request } });
        expect(read?.atMs).toBeCloseTo(Date.parse(object.ts), 3);
        expect(timeOfLine(JSON.stringify(object))).toBe(read?.atMs);
      }),
    );
  });
});

describe('text', () => {
  test.each([
    ['2026-11-21 23:08:05.156 W | etcdserver: server is likely overloaded', 'warn', 'server is likely overloaded'],
    ['2026-11-21 23:08:05.156 C | etcdmain: no space', 'fatal', 'no space'],
    ['2026-11-21 23:08:05.156 N | pkg/osutil: received signal', 'info', 'received signal'],
    ['2026-11-21 23:08:05.156 W | /health error; no leader', 'warn', '/health error; no leader'],
  ])('%s', (line, level, message) => {
    expect(parseLogLine(line)).toEqual({ atMs, level, format: 'text', message, fields: {} });
    expect(timeOfLine(line)).toBe(atMs);
  });

  test('the raft library’s own', () => {
    expect(parseLogLine('raft2026/11/21 23:08:05 INFO: raft.node: 1c lost leader 2d at term 3')).toEqual({
      atMs: atMs - 156,
      level: 'info',
      format: 'text',
      message: 'raft.node: 1c lost leader 2d at term 3',
      fields: {},
    });
  });

  test('any message, on one line', () => {
    const message = fc.string({ unit: CHARACTER }).map((text) => `x${text.replaceAll('\n', ' ')}.`);
    fc.assert(
      fc.property(message, (text) => {
        expect(parseLogLine(`2026-11-21 23:08:05.156 E | rafthttp: ${text}`)?.message).toBe(text);
      }),
    );
  });
});

test('a crash has no time', () => {
  expect(parseLogLine('panic: runtime error: index out of range')).toMatchObject({ atMs: undefined, level: 'crash' });
  expect(parseLogLine('fatal error: concurrent map writes')).toMatchObject({ level: 'crash' });
});

test.each([
  '',
  '{',
  '{"level":"constructor","msg":"x"}',
  '{"level":"info"}',
  'WARNING: 2026/11/21 23:08:19 [core] grpc: addrConn.createTransport failed',
  'W1121 23:08:19.000000       1 clientconn.go:1223] grpc',
  'goroutine 1 [running]:',
  '\tgo.etcd.io/etcd/main.go:28',
])('no line of etcd’s own: %s', (line) => {
  expect(parseLogLine(line)).toBeUndefined();
});

test('never throws, and knows its levels only', () => {
  const line = fc.oneof(fc.string({ unit: CHARACTER }), fc.json());
  fc.assert(
    fc.property(line, (text) => {
      const read = parseLogLine(text);
      if (read !== undefined) expect(LOG_LEVELS).toContain(read.level);
      timeOfLine(text);
    }),
  );
});
