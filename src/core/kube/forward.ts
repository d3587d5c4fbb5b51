import { createServer, type Socket } from 'node:net';
import type { ApiServer } from './api-server.ts';
import type { Channel } from './channel.ts';
import type { Forward } from './kube.ts';
import { KubeError } from './kube-error.ts';

const DATA = 0;
const ERROR = 1;
/** Each stream begins with the port's number. */
const PORT_BYTES = 2;
const BUFFER_BYTES = 256 * 1024;

/**
 * A listener on 127.0.0.1 whose connections each get a channel to the pod's port. Throws KubeError where that is not
 * allowed, or the pod isn't there.
 */
export async function forward(
  api: ApiServer,
  { path, port, where }: { readonly path: string; readonly port: number; readonly where: string },
  signal?: AbortSignal,
): Promise<Forward> {
  await assertAllowed(api, path, port, where, signal);
  const end = new AbortController();
  const isOver = AbortSignal.any([signal, api.over, end.signal].filter((each) => each !== undefined));
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const request = { path: `${path}/portforward`, query: { ports: port }, what: `forward port ${port} of ${where}` };
    join(socket, (onData, gone) => api.channel({ ...request, signal: AbortSignal.any([isOver, gone]) }, onData));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const stop = () => {
    end.abort();
    for (const socket of sockets) socket.destroy();
    if (server.listening) server.close();
  };
  isOver.addEventListener('abort', stop, { once: true });
  if (isOver.aborted) stop();
  const local = (server.address() as { readonly port: number }).port;
  const close = async () => {
    const closed = new Promise<void>((resolve) =>
      server.listening ? server.once('close', () => resolve()) : resolve(),
    );
    stop();
    await closed;
  };
  return { port: local, address: `127.0.0.1:${local}`, close, [Symbol.asyncDispose]: close };
}

/** Asked without the wish to upgrade, the API server says no to who may not, and else that a channel is needed. */
async function assertAllowed(api: ApiServer, path: string, port: number, where: string, signal?: AbortSignal) {
  const what = `forward port ${port} of ${where}`;
  const request = { method: 'GET', path: `${path}/portforward`, query: { ports: port }, signal, what } as const;
  try {
    (await api.stream(request)).destroy();
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 400)) throw error;
  }
}

type Open = (onData: (stream: number, data: Buffer) => void, gone: AbortSignal) => Promise<Channel>;

/** Joins a connection (paused) with a channel of its own, until either ends. */
async function join(socket: Socket, open: Open): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const toSkip = [PORT_BYTES, PORT_BYTES];
  let channel: Channel | undefined;
  const fromPod = (stream: number, data: Buffer) => {
    const skip = Math.min(toSkip[stream] ?? 0, data.length);
    toSkip[stream] = (toSkip[stream] ?? 0) - skip;
    if (data.length === skip) return;
    // What is said there is why the pod's port can't be spoken to.
    if (stream === ERROR) socket.resetAndDestroy();
    else if (stream === DATA && !socket.destroyed && !socket.write(data.subarray(skip))) {
      channel?.pause();
      socket.once('drain', () => channel?.resume());
    }
  };
  try {
    channel = await open(fromPod, gone.signal);
  } catch {
    // Who connected sees a connection that is reset; `forward` itself has told why none can be had.
    socket.resetAndDestroy();
    return;
  }
  channel.closed.then(() => socket.destroySoon());
  toPod(socket, channel);
}

function toPod(socket: Socket, channel: Channel): void {
  let onItsWay = 0;
  socket.on('data', (chunk) => {
    onItsWay += chunk.length;
    if (onItsWay > BUFFER_BYTES) socket.pause();
    channel.send(DATA, chunk).then(
      () => {
        onItsWay -= chunk.length;
        if (onItsWay <= BUFFER_BYTES) socket.resume();
      },
      () => socket.resetAndDestroy(),
    );
  });
  socket.once('end', () => channel.close());
  socket.resume();
}
