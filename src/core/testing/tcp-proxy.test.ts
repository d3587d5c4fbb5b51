import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { startTcpProxy } from './tcp-proxy.ts';

const WAIT = { timeout: 10_000, interval: 5 };

async function echo() {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function dial(port: number) {
  const socket = connect(port, '127.0.0.1');
  const state = { text: '', isClosed: false };
  socket.on('data', (chunk) => {
    state.text += chunk;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    state.isClosed = true;
  });
  return { socket, state };
}

test('relays, cuts, heals, swallows, delays', async () => {
  await using server = await echo();
  await using proxy = await startTcpProxy(server.port);
  const first = dial(proxy.port);
  first.socket.write('one');
  await vi.waitFor(() => expect(first.state.text).toBe('one'), WAIT);
  expect([proxy.connections, proxy.accepted]).toEqual([1, 1]);

  proxy.cut();
  await vi.waitFor(() => expect(first.state.isClosed).toBe(true), WAIT);
  const refused = dial(proxy.port);
  await vi.waitFor(() => expect(refused.state.isClosed).toBe(true), WAIT);

  proxy.heal();
  const second = dial(proxy.port);
  await once(second.socket, 'connect');
  proxy.blackhole();
  second.socket.write('lost');
  const idle = dial(proxy.port);
  await vi.waitFor(() => expect(proxy.connections).toBe(2), WAIT);
  proxy.heal();
  await vi.waitFor(() => expect(second.state).toEqual({ text: '', isClosed: true }), WAIT);
  idle.socket.write('kept');
  await vi.waitFor(() => expect(idle.state.text).toBe('kept'), WAIT);

  proxy.cutAfter(7);
  const cut = dial(proxy.port);
  cut.socket.write('12345');
  await vi.waitFor(() => expect(cut.state.text).toBe('12345'), WAIT);
  cut.socket.write('67890');
  await vi.waitFor(() => expect(cut.state).toEqual({ text: '1234567', isClosed: true }), WAIT);
  await vi.waitFor(() => expect(idle.state.isClosed).toBe(true), WAIT);
  expect(proxy.connections).toBe(0);

  proxy.heal();
  const slow = dial(proxy.port);
  await once(slow.socket, 'connect');
  proxy.delayMs(100);
  const begin = performance.now();
  slow.socket.write('!');
  await vi.waitFor(() => expect(slow.state.text).toBe('!'), WAIT);
  expect(performance.now() - begin).toBeGreaterThan(150);
});
