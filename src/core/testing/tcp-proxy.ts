import { createServer, connect as dial, type Socket } from 'node:net';

/** A TCP proxy on 127.0.0.1 that breaks the network on cue. */
export interface TcpProxy {
  readonly port: number;
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** How many connections are open through it now. */
  readonly connections: number;
  /** How many were accepted so far. */
  readonly accepted: number;
  /** Resets all connections, and every new one until `heal()`. */
  cut(): void;
  /**
   * Lets so many more bytes through to whoever connected, all together, and no byte after them: what was let through
   * arrives, then the connection ends, and new ones are reset until `heal()`.
   */
  cutAfter(bytes: number): void;
  /** Swallows everything in both directions, keeps connections open and accepts new ones, until `heal()`. */
  blackhole(): void;
  /** Delivers every chunk this many ms later, in both directions; order is kept. 0 ends it. */
  delayMs(milliseconds: number): void;
  /**
   * Back to normal for new connections. What a blackhole held is reset: its bytes are lost, so it could only be
   * corrupt.
   */
  heal(): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

type Mode = 'open' | 'cut' | 'blackhole';

/** Starts a proxy in front of `target`: `host:port`, a URL, or a port on 127.0.0.1. */
export async function startTcpProxy(target: string | number): Promise<TcpProxy> {
  const { host, port } = parseTarget(target);
  const pairs = new Set<{ near: Socket; far: Socket; isSpoiled: boolean }>();
  let mode: Mode = 'open';
  let delay = 0;
  let accepted = 0;
  let allowance = Number.POSITIVE_INFINITY;

  const server = createServer({ noDelay: true, allowHalfOpen: false }, (near) => {
    near.on('error', () => {});
    if (mode === 'cut') {
      near.resetAndDestroy();
      return;
    }
    accepted += 1;
    const far = dial({ host, port, noDelay: true });
    const pair = { near, far, isSpoiled: false };
    pairs.add(pair);
    far.on('error', () => near.resetAndDestroy());
    const relay = (from: Socket, to: Socket) => {
      from.on('data', (chunk) => {
        if (to === near && chunk.length >= allowance) {
          near.write(chunk.subarray(0, allowance));
          allowance = Number.POSITIVE_INFINITY;
          mode = 'cut';
          pairs.delete(pair);
          reset(() => true);
          far.resetAndDestroy();
          near.destroySoon();
          return;
        }
        if (to === near) allowance -= chunk.length;
        if (mode === 'blackhole') {
          pair.isSpoiled = true;
        } else if (delay > 0) {
          setTimeout(() => !to.destroyed && to.write(chunk), delay);
        } else if (!to.destroyed && !to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
      from.on('close', () => {
        pairs.delete(pair);
        if (mode !== 'blackhole') to.destroySoon();
      });
    };
    relay(near, far);
    relay(far, near);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');

  const reset = (which: (pair: { isSpoiled: boolean }) => boolean) => {
    for (const pair of [...pairs].filter(which)) {
      pairs.delete(pair);
      pair.near.resetAndDestroy();
      pair.far.resetAndDestroy();
    }
  };
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    reset(() => true);
    await closed;
  };
  return {
    port: address.port,
    address: `127.0.0.1:${address.port}`,
    get connections() {
      return pairs.size;
    },
    get accepted() {
      return accepted;
    },
    cut() {
      mode = 'cut';
      reset(() => true);
    },
    cutAfter(bytes) {
      allowance = bytes;
    },
    blackhole() {
      mode = 'blackhole';
    },
    delayMs(milliseconds) {
      delay = milliseconds;
    },
    heal() {
      mode = 'open';
      reset((pair) => pair.isSpoiled);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function parseTarget(target: string | number): { host: string; port: number } {
  if (typeof target === 'number') return { host: '127.0.0.1', port: target };
  const url = new URL(target.includes('://') ? target : `tcp://${target}`);
  return { host: url.hostname, port: Number(url.port) };
}
