import { constants, createServer as createHttp2Server, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { READ_MARGIN, WireLoop } from '../loop/index.ts';
import { CallStream, type StreamEnd } from './call-stream.ts';
import { FrameReader } from './frame-reader.ts';
import { RequestTemplate } from './request-template.ts';
import type { TemplateOwner } from './template-owner.ts';
import { WireConnection, type WireConnectionOptions } from './wire-connection.ts';

const WAIT = { timeout: 20_000, interval: 5 };
const METHOD = { path: '/test.Service/Method' };
const grpc = (message: string) => {
  const bytes = Buffer.from(message);
  const frame = Buffer.alloc(5 + bytes.length);
  frame.writeUInt32BE(bytes.length, 1);
  bytes.copy(frame, 5);
  return frame;
};

/** A call that writes down what happens to it. */
class RecordedCall extends CallStream {
  readonly method = METHOD;
  readonly messages: string[] = [];
  readonly ends: StreamEnd[] = [];

  onMessage(bytes: Buffer, start: number, end: number): void {
    this.messages.push(bytes.toString('utf8', start, end));
  }

  onEnd(end: StreamEnd): void {
    this.ends.push(end);
  }
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

function open(port: number, options: Partial<WireConnectionOptions> = {}) {
  const log: string[] = [];
  const target = {
    endpoint: `http://127.0.0.1:${port}`,
    scheme: 'http' as const,
    host: '127.0.0.1',
    port,
    authority: `127.0.0.1:${port}`,
    tls: undefined,
  };
  const connection = new WireConnection(
    target,
    { loop: WireLoop.shared(), dialTimeoutMs: 10_000, keepaliveMs: 10_000, keepaliveTimeoutMs: 5000, ...options },
    {
      onReady: () => void log.push('ready'),
      onDraining: (why) => void log.push(`draining: ${why}`),
      onClosed: (why) => void log.push(`closed: ${why}`),
    },
  );
  cleanups.push(() => connection.close());
  return { connection, log };
}

async function ready(port: number, options: Partial<WireConnectionOptions> = {}) {
  const opened = open(port, options);
  await vi.waitFor(() => expect(opened.log).toContain('ready'), WAIT);
  return opened;
}

async function listening(server: Server | ReturnType<typeof createHttp2Server>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

describe("against node's own HTTP/2", () => {
  type Handler = (stream: ServerHttp2Stream, path: string, session: Http2Session) => void;

  async function serve(handler: Handler, options = {}): Promise<number> {
    const server = createHttp2Server(options);
    server.on('session', (session) => {
      session.on('error', () => {});
      cleanups.push(() => session.destroy());
    });
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      handler(stream, String(headers[':path']), stream.session!);
    });
    return listening(server);
  }

  const answer = (stream: ServerHttp2Stream, body: string, extra: Record<string, string> = {}) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto', ...extra }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': '' }));
    stream.end(grpc(body));
  };

  test.each([
    ['plain', {}],
    ['padded', { paddingStrategy: constants.PADDING_STRATEGY_MAX }],
    ['one stream at a time', { settings: { maxConcurrentStreams: 1 } }],
    ['small windows', { settings: { initialWindowSize: 100 } }],
    ['no header table', { settings: { headerTableSize: 0 } }],
    ['a small header table', { settings: { headerTableSize: 80 } }],
  ])('echo: %s', async (_name, options) => {
    const port = await serve((stream, path) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () =>
        // Every response has other headers: the dynamic table turns over.
        answer(stream, `${path} ${Buffer.concat(chunks).subarray(5)}`, {
          [`x-${chunks.length % 7}`]: `${Math.random()}`.repeat(20),
        }),
      );
    }, options);
    const { connection } = await ready(port);
    const calls = Array.from({ length: 50 }, () => new RecordedCall());
    for (const [index, call] of calls.entries())
      connection.start(call, grpc(`${index}:${'x'.repeat(index * 100)}`), true);
    await vi.waitFor(() => expect(calls.every(({ ends }) => ends.length === 1)).toBe(true), WAIT);
    for (const [index, call] of calls.entries()) {
      expect(call.messages).toEqual([`${METHOD.path} ${index}:${'x'.repeat(index * 100)}`]);
      expect(call.ends).toEqual([{ kind: 'status', code: 0, message: '' }]);
    }
    expect(connection.openCount).toBe(0);
  });

  test('headers over several frames, and a table that shrinks and grows', async () => {
    let served = 0;
    const port = await serve((stream, _path, session) => {
      served += 1;
      session.settings({ headerTableSize: served % 2 === 0 ? 4096 : 0, initialWindowSize: 1000 * served });
      answer(stream, 'fine', { 'x-long': 'y'.repeat(20_000) });
    });
    const { connection } = await ready(port);
    for (let round = 0; round < 6; round += 1) {
      const call = new RecordedCall();
      connection.start(call, grpc('hello'), true);
      await vi.waitFor(() => expect(call.ends).toHaveLength(1), WAIT);
      expect([call.messages, call.ends]).toEqual([['fine'], [{ kind: 'status', code: 0, message: '' }]]);
    }
  });

  test('GOAWAY: what is open is finished, what comes later is not begun, then the connection ends', async () => {
    const streams: ServerHttp2Stream[] = [];
    const port = await serve((stream) => streams.push(stream));
    const { connection, log } = await ready(port);
    const [first, second] = [new RecordedCall(), new RecordedCall()];
    connection.start(first, grpc('1'), true);
    await vi.waitFor(() => expect(streams).toHaveLength(1), WAIT);
    streams[0]!.session!.goaway(0, streams[0]!.id!);
    await vi.waitFor(() => expect(log.at(-1)).toMatch(/^draining/), WAIT);
    connection.start(second, grpc('2'), true);
    expect(second.ends).toMatchObject([{ kind: 'unprocessed' }]);
    answer(streams[0]!, 'late');
    await vi.waitFor(() => expect(log.at(-1)).toMatch(/^closed/), WAIT);
    expect([first.messages, first.ends]).toMatchObject([['late'], [{ kind: 'status', code: 0 }]]);
  });

  test.each([
    ['refused', constants.NGHTTP2_REFUSED_STREAM, 'unprocessed'],
    ['reset', constants.NGHTTP2_INTERNAL_ERROR, 'reset'],
  ])('a stream is %s', async (_name, code, kind) => {
    const port = await serve((stream) => stream.close(code));
    const { connection } = await ready(port);
    const call = new RecordedCall();
    connection.start(call, grpc('x'), true);
    await vi.waitFor(() => expect(call.ends).toMatchObject([{ kind }]), WAIT);
    expect(connection.isUsable).toBe(true);
  });

  test('answers that are not gRPC', async () => {
    const answers = [
      (stream: ServerHttp2Stream) => stream.respond({ ':status': 503 }, { endStream: true }),
      (stream: ServerHttp2Stream) => {
        stream.respond({ ':status': 200, 'content-type': 'text/html' });
        stream.end('<html>');
      },
      (stream: ServerHttp2Stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.end(grpc('no trailers'));
      },
      (stream: ServerHttp2Stream) =>
        stream.respond({ ':status': 200, 'grpc-status': '8', 'grpc-message': 'a%20b' }, { endStream: true }),
      (stream: ServerHttp2Stream) => answer(stream, 'x', { 'grpc-encoding': 'gzip' }),
    ];
    const port = await serve((stream) => answers.shift()?.(stream));
    const { connection } = await ready(port);
    const ends: StreamEnd[] = [];
    for (let count = answers.length; count > 0; count -= 1) {
      const call = new RecordedCall();
      connection.start(call, grpc('x'), true);
      await vi.waitFor(() => expect(call.ends).toHaveLength(1), WAIT);
      ends.push(...call.ends);
    }
    expect(ends).toMatchObject([
      { kind: 'status', code: 14 },
      { kind: 'reset', message: expect.stringContaining('text/html') },
      { kind: 'reset', message: expect.stringContaining('without a status') },
      { kind: 'status', code: 8, message: 'a b' },
      { kind: 'status', code: 0 },
    ]);
    expect(connection.isUsable).toBe(true);
  });

  describe('calls from templates', () => {
    const template = new RequestTemplate(METHOD, grpc('hello'), 5);
    const filler = { fill: (bytes: Buffer, at: number, tag: number) => bytes.write(`call${tag}`, at) };

    /** Makes so many calls, one after the other; returns how they ended, as `tag outcome status message`. */
    async function callAll(connection: WireConnection, count: number) {
      const ends: string[] = [];
      const messages: string[] = [];
      const owner: TemplateOwner = {
        onDone: (_startedAt, _now, status, outcome, tag, message) =>
          void ends.push(`${tag} ${outcome} ${status} ${message}`.trim()),
        onMessage: (tag, bytes, start, end) => void messages.push(`${tag} ${bytes.toString('utf8', start, end)}`),
        onBatch: () => {},
      };
      const calls = connection.useTemplates(owner);
      for (let tag = 0; tag < count; tag += 1) {
        expect(calls.canSend(template)).toBe(true);
        calls.send(template, 0, tag, filler);
        calls.flush();
        await vi.waitFor(() => expect(ends).toHaveLength(tag + 1), WAIT);
      }
      return { ends, messages };
    }

    const echo = (stream: ServerHttp2Stream, extra: Record<string, string> = {}) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => answer(stream, `${Buffer.concat(chunks).subarray(5)}`, extra));
    };

    test('headers over several frames, padding, a table that turns over', async () => {
      let served = 0;
      const port = await serve(
        (stream) => {
          served += 1;
          echo(stream, { 'x-long': 'y'.repeat(served * 4000), [`x-${served}`]: 'z'.repeat(1000) });
        },
        { paddingStrategy: constants.PADDING_STRATEGY_MAX },
      );
      const { connection } = await ready(port);
      const { ends, messages } = await callAll(connection, 8);
      const tags = Array.from({ length: 8 }, (_, tag) => tag);
      expect(ends).toEqual(tags.map((tag) => `${tag} answered 0`));
      expect(messages).toEqual(tags.map((tag) => `${tag} call${tag}`));
    });

    test('answers of every sort: each call ends once, with the reason', async () => {
      const answers: ((stream: ServerHttp2Stream) => void)[] = [
        // The first goes the long way.
        echo,
        (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
        (stream) => {
          stream.respond({ ':status': 502, 'content-type': 'text/html' });
          stream.end('<html>');
        },
        (stream) => {
          stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
          stream.end(grpc('no trailers'));
        },
        (stream) =>
          stream.respond({ ':status': 200, 'grpc-status': '8', 'grpc-message': 'a%20b' }, { endStream: true }),
        (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
        (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
        (stream) => {
          stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
          stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
          stream.end();
        },
        (stream) => echo(stream),
      ];
      const port = await serve((stream) => answers.shift()?.(stream));
      const { connection } = await ready(port);
      const { ends, messages } = await callAll(connection, answers.length);
      expect(ends).toEqual([
        '0 answered 0',
        '1 answered 14 HTTP status 503',
        '2 answered 14 HTTP status 502',
        '3 lost 13 the response ends without a status',
        '4 answered 8 a b',
        '5 unprocessed 14 the server reset the call (HTTP/2 error 7)',
        '6 lost 14 the server reset the call (HTTP/2 error 2)',
        '7 lost 13 the response is not whole',
        '8 answered 0',
      ]);
      expect(messages).toEqual(['0 call0', '3 no trailers', '8 call8']);
      expect([connection.isUsable, connection.openCount]).toEqual([true, 0]);
    });
  });

  test('reading pauses: TCP holds the server back, nothing is lost', async () => {
    const body = 'z'.repeat(8_000_000);
    const port = await serve((stream) => answer(stream, body));
    const { connection } = await ready(port);
    const call = new RecordedCall();
    connection.start(call, grpc('x'), true);
    connection.pause();
    await new Promise((resolve) => setImmediate(resolve));
    expect(call.ends).toEqual([]);
    connection.resume();
    await vi.waitFor(() => expect(call.ends).toMatchObject([{ kind: 'status', code: 0 }]), WAIT);
    expect(call.messages[0] === body).toBe(true);
  });
});

describe('against what no server should send', () => {
  const frame = (type: number, flags: number, id: number, payload: Buffer | string = Buffer.alloc(0)) => {
    const body = Buffer.from(payload);
    const head = Buffer.alloc(9);
    head.writeUIntBE(body.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(id, 5);
    return Buffer.concat([head, body]);
  };
  const SETTINGS = frame(4, 0, 0);
  const RESPONSE_HEADERS = frame(
    1,
    4,
    1,
    Buffer.concat([Buffer.from([0x88, 0x5f, 0x10]), Buffer.from('application/grpc')]),
  );
  const TRAILERS = frame(
    1,
    5,
    1,
    Buffer.concat([Buffer.from([0x40, 0x0b]), Buffer.from('grpc-status'), Buffer.from([0x01, 0x30])]),
  );

  /** Sends SETTINGS, and `bytes` once a request has come. */
  async function replay(bytes: Buffer, isEnding = true): Promise<number> {
    return listening(
      createServer((socket: Socket) => {
        cleanups.push(() => socket.destroy());
        socket.on('error', () => {});
        socket.write(SETTINGS);
        let received = Buffer.alloc(0);
        const onData = (chunk: Buffer) => {
          received = Buffer.concat([received, chunk]);
          if (!received.includes('Service/Method')) return;
          socket.off('data', onData);
          socket.resume();
          if (isEnding) socket.end(bytes);
          else socket.write(bytes);
        };
        socket.on('data', onData);
      }),
    );
  }

  async function outcomeOf(port: number) {
    const { connection, log } = await ready(port);
    const call = new RecordedCall();
    connection.start(call, grpc('x'), true);
    await vi.waitFor(() => expect(log.at(-1)).toMatch(/^closed/), WAIT);
    expect(call.ends).toHaveLength(1);
    return { call, why: log.at(-1)! };
  }

  const hugeHeaders = Buffer.concat([
    frame(1, 0, 1, Buffer.from([0x88])),
    ...Array.from({ length: 100 }, () => frame(9, 0, 1, Buffer.alloc(16_384, 0x88))),
  ]);

  test.each<[string, Buffer, RegExp]>([
    ['HTTP/1', Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'), /a frame of/],
    ['a frame that is too long', frame(0, 0, 1, Buffer.alloc(16_385)), /a frame of 16385/],
    ['DATA on stream 0', frame(0, 0, 0, 'x'), /not one of ours/],
    ['HEADERS on a stream that we never opened', frame(1, 5, 7, Buffer.from([0x88])), /not one of ours/],
    ['HEADERS on an even stream', frame(1, 5, 2, Buffer.from([0x88])), /not one of ours/],
    ['padding beyond the frame', frame(0, 8, 1, Buffer.from([9, 1, 1])), /padding/],
    ['a block that is no HPACK', frame(1, 5, 1, Buffer.from([0xff, 0xff])), /HTTP\/2 as it should/],
    ['PUSH_PROMISE', frame(5, 4, 1, Buffer.alloc(4)), /push/],
    ['a lonely CONTINUATION', frame(9, 4, 1, Buffer.from([0x88])), /CONTINUATION of nothing/],
    [
      'an interrupted header block',
      Buffer.concat([frame(1, 0, 1, Buffer.from([0x88])), frame(6, 0, 0, 'pingping')]),
      /interrupted/,
    ],
    ['endless headers', hugeHeaders, /without end/],
    [
      'empty CONTINUATIONs',
      Buffer.concat([frame(1, 0, 1), ...Array.from({ length: 99 }, () => frame(9, 0, 1))]),
      /without end/,
    ],
    ['SETTINGS of 5 bytes', frame(4, 0, 0, 'abcde'), /malformed SETTINGS/],
    ['a window that is too large', frame(4, 0, 0, Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xff])), /window/],
    ['WINDOW_UPDATE of 0', frame(8, 0, 0, Buffer.alloc(4)), /WINDOW_UPDATE of 0/],
    ['WINDOW_UPDATE beyond all', frame(8, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff])), /window/],
    ['PING of 3 bytes', frame(6, 0, 0, 'abc'), /malformed PING/],
    ['RST_STREAM of 3 bytes', frame(3, 0, 1, 'abc'), /malformed RST_STREAM/],
    ['GOAWAY of 3 bytes', frame(7, 0, 0, 'abc'), /malformed GOAWAY/],
    ['a flood of PINGs', Buffer.concat(Array.from({ length: 30_000 }, () => frame(6, 0, 0, 'pingping'))), /flood/],
    ['a flood of SETTINGS', Buffer.concat(Array.from({ length: 30_000 }, () => SETTINGS)), /flood/],
    [
      'a flood of empty DATA',
      Buffer.concat([RESPONSE_HEADERS, ...Array.from({ length: 30_000 }, () => frame(0, 0, 1))]),
      /flood/,
    ],
    [
      'a flood of frames of a type yet to be invented',
      Buffer.concat(Array.from({ length: 30_000 }, () => frame(99, 0, 0))),
      /flood/,
    ],
  ])('%s', async (_name, bytes, reason) => {
    const before = process.memoryUsage.rss();
    const { call, why } = await outcomeOf(await replay(bytes, false));
    expect(why).toMatch(reason);
    expect(call.ends[0]?.kind).toMatch(/lost|reset/);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20);
  });

  test('a message that claims 4 GB, a compressed one: the call ends, the connection stays', async () => {
    for (const prefix of [Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]), Buffer.from([1, 0, 0, 0, 1, 1])]) {
      const { connection } = await ready(
        await replay(Buffer.concat([RESPONSE_HEADERS, frame(0, 0, 1, prefix)]), false),
      );
      const call = new RecordedCall();
      connection.start(call, grpc('x'), true);
      await vi.waitFor(() => expect(call.ends).toMatchObject([{ kind: 'reset' }]), WAIT);
      expect(connection.isUsable).toBe(true);
    }
  });

  test('a good answer, cut at every byte: the call always ends, and is answered only by all of it', async () => {
    const good = Buffer.concat([
      RESPONSE_HEADERS,
      frame(6, 0, 0, 'pingping'),
      frame(0, 0, 1, grpc('the answer').subarray(0, 3)),
      frame(0, 8, 1, Buffer.concat([Buffer.from([2]), grpc('the answer').subarray(3), Buffer.alloc(2)])),
      TRAILERS,
    ]);
    let bytes = good;
    const port = await listening(
      createServer((socket) => {
        socket.on('error', () => {});
        socket.write(SETTINGS);
        let received = Buffer.alloc(0);
        socket.on('data', (chunk) => {
          received = Buffer.concat([received, chunk]);
          if (received.includes('Service/Method')) socket.end(bytes);
        });
      }),
    );
    for (let cut = 0; cut <= good.length; cut += 1) {
      bytes = good.subarray(0, cut);
      const { call } = await outcomeOf(port);
      if (cut < good.length) expect(call.ends).toMatchObject([{ kind: 'lost' }]);
      else expect([call.messages, call.ends]).toMatchObject([['the answer'], [{ kind: 'status', code: 0 }]]);
    }
  });

  test('garbage: the connection ends, the call once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (garbage) => {
        const { call } = await outcomeOf(await replay(Buffer.from(garbage)));
        expect(call.messages.length).toBeLessThan(40);
      }),
      { numRuns: 60 },
    );
  });

  test('every PING is answered, in order', async () => {
    let received = Buffer.alloc(0);
    const port = await listening(
      createServer((socket) => {
        cleanups.push(() => socket.destroy());
        socket.on('error', () => {});
        socket.write(SETTINGS);
        for (const payload of ['first---', 'second--', 'third---']) socket.write(frame(6, 0, 0, payload));
        socket.on('data', (chunk) => {
          received = Buffer.concat([received, chunk]);
        });
      }),
    );
    await ready(port);
    const answers = ['first---', 'second--', 'third---'].map((payload) => frame(6, 1, 0, payload));
    await vi.waitFor(() => expect(received.includes(Buffer.concat(answers))).toBe(true), WAIT);
  });

  test('a server that stops has its PINGs answered at once', async () => {
    let received = Buffer.alloc(0);
    const goaway = frame(7, 0, 0, '\0\0\0\x01\0\0\0\0');
    const port = await listening(
      createServer((socket) => {
        cleanups.push(() => socket.destroy());
        socket.on('error', () => {});
        socket.write(SETTINGS);
        socket.on('data', (chunk) => {
          received = Buffer.concat([received, chunk]);
          if (!received.includes(grpc('x')) || received.includes('first---')) return;
          socket.write(Buffer.concat([frame(6, 0, 0, 'first---'), goaway, frame(6, 0, 0, 'second--')]));
        });
      }),
    );
    const loop = new WireLoop();
    const { timers } = loop;
    const { connection } = await ready(port, { loop });
    // What waits for a timer from now on comes too late.
    vi.spyOn(timers, 'schedule').mockImplementation(() => ({ dueTick: 0, callback: () => {} }));
    connection.start(new RecordedCall(), grpc('x'), true);
    const answers = ['first---', 'second--'].map((payload) => frame(6, 1, 0, payload));
    await vi.waitFor(() => expect(received.includes(Buffer.concat(answers))).toBe(true), WAIT);
  });

  test('it falls silent while no call is open: the next call is told', async () => {
    let received = Buffer.alloc(0);
    const port = await listening(
      createServer((socket) => {
        cleanups.push(() => socket.destroy());
        socket.on('error', () => {});
        socket.write(SETTINGS);
        socket.on('data', (chunk) => {
          received = Buffer.concat([received, chunk]);
        });
      }),
    );
    const { connection, log } = await ready(port, { keepaliveMs: 20, keepaliveTimeoutMs: 1000 });
    const [first, second] = [new RecordedCall(), new RecordedCall()];
    connection.start(first, grpc('x'), true);
    const PING = frame(6, 0, 0, 'etcdperf');
    await vi.waitFor(() => expect(received.includes(PING)).toBe(true), WAIT);
    connection.cancel(first);
    // Timers fire in the order in which they are due: the answer's time is over before this one.
    await new Promise<void>((resolve) => WireLoop.shared().timers.schedule(1100, resolve));
    connection.start(second, grpc('y'), true);
    await vi.waitFor(() => expect(second.ends).toMatchObject([{ kind: 'lost' }]), WAIT);
    expect([first.ends, log.at(-1)]).toEqual([[], expect.stringContaining('no answer to a PING')]);
  });

  test('frames are the same, however reads cut them', () => {
    const anyFrame = fc.record({
      type: fc.nat(20),
      flags: fc.nat(255),
      id: fc.nat(1000),
      payload: fc.uint8Array({ maxLength: 60 }),
    });
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 10 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        (frames, sizes) => {
          const bytes = Buffer.concat(
            frames.map(({ type, flags, id, payload }) => frame(type, flags, id, Buffer.from(payload))),
          );
          const loop = WireLoop.shared();
          const reader = new FrameReader();
          const seen: unknown[] = [];
          for (let at = 0; at < bytes.length; ) {
            const size = Math.min(sizes.next().value, bytes.length - at);
            bytes.copy(loop.readBuffer, READ_MARGIN, at, at + size);
            at += size;
            reader.read(loop, size, {
              onFrame: (type, flags, id, from, start, end) =>
                seen.push({ type, flags, id, payload: Uint8Array.from(from.subarray(start, end)) }),
            });
          }
          expect(seen).toEqual(frames);
        },
      ),
    );
  });
});
