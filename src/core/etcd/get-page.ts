import { connect, isIP, type Socket } from 'node:net';
import type { ClusterAccess } from './cluster-access.ts';

/** A page as a member's HTTP server gave it. */
export interface HttpPage {
  readonly status: number;
  readonly body: string;
  /** Our end of the connection, as `address:port`. */
  readonly from: string;
}

/** etcd's largest page, /metrics, has about 100 KB. */
const MAX_BYTES = 16 * 2 ** 20;

/**
 * GETs one page of a member over a connection of its own. Without node:http on purpose: to load it takes 30 ms of CPU
 * (it loads undici), more than ten thousand requests of a benchmark. Rejects with the socket's error, or with the
 * signal's reason.
 */
export function getPage(
  { tls }: Pick<ClusterAccess, 'tls'>,
  endpoint: string,
  path: string,
  signal: AbortSignal,
): Promise<HttpPage> {
  const url = new URL(path, endpoint);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isSecure = url.protocol === 'https:';
  const address = { host, port: Number(url.port) || (isSecure ? 443 : 80) };
  const { promise, resolve, reject } = Promise.withResolvers<HttpPage>();
  const name = tls?.serverName ?? host;
  const socket: Socket = isSecure
    ? // Loaded for TLS alone: it takes 20 ms of CPU.
      process.getBuiltinModule('node:tls').connect({
        ...address,
        ...(isIP(name) === 0 && { servername: name }),
        checkServerIdentity: (_host, certificate) =>
          process.getBuiltinModule('node:tls').checkServerIdentity(name, certificate),
        ca: tls?.ca,
        cert: tls?.cert,
        key: tls?.key,
        rejectUnauthorized: tls?.insecureSkipVerify !== true,
        ALPNProtocols: ['http/1.1'],
      })
    : connect(address);
  const onAbort = () => socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  let from = '';
  socket.on('connect', () => {
    from = `${socket.localAddress}:${socket.localPort}`;
  });
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) socket.destroy(new Error(`more than ${MAX_BYTES} bytes`));
  });
  socket.on('end', () => {
    try {
      resolve({ ...parsePage(Buffer.concat(chunks)), from });
    } catch (error) {
      reject(error);
    }
  });
  socket.on('error', reject);
  socket.on('close', () => {
    signal.removeEventListener('abort', onAbort);
    reject(new Error('the connection was closed'));
  });
  if (signal.aborted) onAbort();
  else socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`);
  return promise;
}

/** All that a server sent until it closed the connection. Throws Error where that is no whole HTTP/1.1 answer. */
export function parsePage(bytes: Buffer): Omit<HttpPage, 'from'> {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...fields] = bytes.toString('latin1', 0, Math.max(end, 0)).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(first)?.[1]);
  if (end < 0 || Number.isNaN(status)) throw new Error('it does not speak HTTP');
  const field = (name: string) =>
    fields
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const body = bytes.subarray(end + 4);
  if (field('transfer-encoding')?.toLowerCase() === 'chunked') return { status, body: joinChunks(body) };
  const length = field('content-length');
  if (length !== undefined && body.length < Number(length)) throw new Error('the answer ends too early');
  return { status, body: body.toString('utf8', 0, length === undefined ? undefined : Number(length)) };
}

/** RFC 9112, 7.1: each chunk after its length in hexadecimal, the last one empty. */
function joinChunks(bytes: Buffer): string {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const start = lineEnd + 2;
    if (lineEnd < 0 || Number.isNaN(length) || start + length > bytes.length)
      throw new Error('the answer ends too early');
    if (length === 0) return Buffer.concat(chunks).toString('utf8');
    chunks.push(bytes.subarray(start, start + length));
    at = start + length + 2;
  }
}
