import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls';

/** Where to connect to, and how. Made once for an endpoint and shared by all its connections. */
export interface DialTarget {
  /** As the user wrote it. */
  readonly endpoint: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** `host:port` for the :authority of requests. */
  readonly authority: string;
  readonly tls:
    | { readonly context: SecureContext; readonly serverName?: string; readonly isVerified: boolean }
    | undefined;
}

/** Begins to connect. What arrives goes to `onread`; `onOpen` is told when requests can be sent. */
export function dialSocket(target: DialTarget, onread: OnReadOpts, onOpen: (problem?: string) => void): Socket {
  const { host, port, tls } = target;
  if (tls === undefined) return connectTcp({ host, port, noDelay: true, onread }, () => onOpen());
  const name = tls.serverName ?? host;
  // Loaded for TLS alone: it takes 20 ms of CPU.
  const { connect: connectTls, checkServerIdentity } = process.getBuiltinModule('node:tls');
  // `onread` works here as it does for plain sockets; its types don't say so.
  const options: ConnectionOptions & { onread: OnReadOpts } = {
    host,
    port,
    onread,
    secureContext: tls.context,
    ALPNProtocols: ['h2'],
    rejectUnauthorized: tls.isVerified,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    // An address is no name to ask for (RFC 6066, 3), yet a certificate can be for one.
    ...(isIP(name) === 0 && { servername: name }),
  };
  const socket: TLSSocket = connectTls(options, () =>
    onOpen(socket.alpnProtocol === 'h2' ? undefined : 'the server does not offer HTTP/2 (ALPN h2)'),
  );
  socket.setNoDelay(true);
  return socket;
}
