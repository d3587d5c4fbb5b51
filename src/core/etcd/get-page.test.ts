import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freePorts, startEtcd } from '../testing/index.ts';
import { getPage, parsePage } from './get-page.ts';

const { signal } = new AbortController();

test('whatever node’s own HTTP server sends, whole or in chunks, arrives', async () => {
  const parts = fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { maxLength: 8 });
  let answer: { parts: string[]; isChunked: boolean } = { parts: [], isChunked: false };
  const server = createServer((request, response) => {
    const body = answer.parts.join('');
    response.statusCode = request.url === '/page?a=1' ? 200 : 404;
    if (!answer.isChunked) response.setHeader('content-length', Buffer.byteLength(body));
    for (const part of answer.parts) response.write(part);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await fc.assert(
      fc.asyncProperty(parts, fc.boolean(), async (sent, isChunked) => {
        answer = { parts: sent, isChunked };
        expect(await getPage({}, endpoint, '/page?a=1', signal)).toMatchObject({ status: 200, body: sent.join('') });
      }),
      { numRuns: 50 },
    );
    expect((await getPage({}, endpoint, '/other', signal)).status).toBe(404);
  } finally {
    server.close();
  }
});

test('an answer that was cut off is an error, never a shorter page', () => {
  const whole = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n';
  expect(parsePage(Buffer.from(whole))).toEqual({ status: 200, body: 'hello world' });
  const lastChunk = whole.indexOf('0\r\n\r\n', 60);
  for (let length = 0; length < lastChunk; length += 1) {
    expect(() => parsePage(Buffer.from(whole.slice(0, length)))).toThrow(/too early|not speak HTTP/);
  }
  expect(() => parsePage(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort'))).toThrow('too early');
});

test('over TLS the member is verified, and no answer ends with the signal', async () => {
  await using cluster = await startEtcd({ tls: 'mutual' });
  const [endpoint = ''] = cluster.endpoints;
  const { ca, client } = cluster.certificates!;
  const page = await getPage({ tls: { ca, ...client } }, endpoint, '/metrics', signal);
  expect(page.body).toContain('etcd_server_has_leader 1');
  await expect(getPage({ tls: client }, endpoint, '/metrics', signal)).rejects.toThrow();
  await expect(getPage({ tls: { ca } }, endpoint, '/metrics', signal)).rejects.toThrow();
  cluster.members[0]!.pause();
  const limit = AbortSignal.timeout(100);
  const unanswered = getPage({ tls: { ca, ...client } }, endpoint, '/metrics', limit);
  await expect(unanswered).rejects.toMatchObject({ name: 'TimeoutError' });
});

test.each(['localhost', '127.0.0.1'])(
  'behind another address, the certificate must be for serverName: %s',
  async (serverName) => {
    const [port] = await freePorts(1);
    const endpoint = `https://127.0.0.2:${port}`;
    await using cluster = await startEtcd({ tls: 'server', flags: { 'listen-client-urls': endpoint } });
    const { ca } = cluster.certificates!;
    expect((await getPage({ tls: { ca, serverName } }, endpoint, '/health', signal)).status).toBe(200);
    for (const tls of [{ ca }, { ca, serverName: 'other.example' }]) {
      await expect(getPage({ tls }, endpoint, '/health', signal)).rejects.toThrow('altnames');
    }
    expect((await getPage({ tls: { insecureSkipVerify: true } }, endpoint, '/health', signal)).status).toBe(200);
  },
);
