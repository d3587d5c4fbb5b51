import { PassThrough } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { WebSocketHandler } from '@kubernetes/client-node/dist/web-socket-handler.js';
import type { Credentials } from './credentials.ts';

/** Numbered byte streams over one web socket. */
export interface Channel {
  /** `v5.channel.k8s.io` can end a single stream, those before it can't. */
  readonly protocol: string;
  /** Resolves when the bytes are on their way: who waits for it never buffers more than one piece. */
  send(stream: number, data: Uint8Array): Promise<void>;
  /** Nothing more is read from the socket until `resume()`. */
  pause(): void;
  resume(): void;
  /** Ends it in order; what was sent before still arrives. */
  close(): void;
  /** Drops it. */
  terminate(): void;
  /** Resolves when it is over, however it ended. */
  readonly closed: Promise<void>;
}

/** The server answered, and not with a channel. */
export class UpgradeRefused extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** What is used of a socket of `ws`. */
interface Socket {
  readonly protocol: string;
  send(data: Uint8Array, done: (error?: Error) => void): void;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
  on(event: 'close', listener: () => void): void;
}

const HANDSHAKE_TIMEOUT_MS = 30_000;

/** Throws `UpgradeRefused`, or the connection's own error. An abort drops the channel, also later. */
export async function openChannel(
  credentials: Credentials,
  path: string,
  onData: (stream: number, data: Buffer) => void,
  signal: AbortSignal,
): Promise<Channel> {
  const config = {
    getCurrentCluster: () => credentials.config.getCurrentCluster(),
    applyToHTTPSOptions: async (options: object) => {
      const connection = await credentials.channelOptions();
      Object.assign(options, connection, { handshakeTimeout: HANDSHAKE_TIMEOUT_MS, perMessageDeflate: false, signal });
    },
  };
  // It ends these streams when the server ends its side: by default our own process's.
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const handler = new WebSocketHandler(config as unknown as KubeConfig, undefined, streams);
  const opening: Promise<Socket> = handler.connect(path, null, (stream, data) => {
    onData(stream, data);
    return true;
  });
  const socket = await opening.catch((event: { readonly message?: string; readonly error?: Error }) => {
    const status = /Unexpected server response: (\d+)/.exec(event.message ?? '')?.[1];
    throw status === undefined ? (event.error ?? event) : new UpgradeRefused(`HTTP ${status}`, Number(status));
  });
  const drop = () => socket.terminate();
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      signal.removeEventListener('abort', drop);
      resolve();
    });
  });
  signal.addEventListener('abort', drop, { once: true });
  if (signal.aborted) drop();
  return {
    protocol: socket.protocol,
    closed,
    send: (stream, data) =>
      new Promise((resolve, reject) => {
        const framed = Buffer.allocUnsafe(data.length + 1);
        framed[0] = stream;
        framed.set(data, 1);
        socket.send(framed, (error) => (error === undefined || error === null ? resolve() : reject(error)));
      }),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.close(),
    terminate: drop,
  };
}
