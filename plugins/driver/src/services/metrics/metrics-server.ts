import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '@etcdperf/core/errors';
import { EXPOSITION_TYPE } from './exposition.ts';

export interface MetricsServer extends AsyncDisposable {
  /** `http://127.0.0.1:9464/metrics` */
  readonly url: string;
}

/** Serves `/metrics`. Rejects with an InputError where that address can't be had. */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  render: () => string,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const isAsked = request.method === 'GET' || request.method === 'HEAD';
    if (!isAsked || new URL(request.url ?? '/', 'http://localhost').pathname !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('see /metrics\n');
      return;
    }
    response.writeHead(200, { 'content-type': EXPOSITION_TYPE }).end(request.method === 'HEAD' ? '' : render());
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new InputError(`can't serve metrics on ${host}:${port}: ${(cause as NodeJS.ErrnoException).code}`, {
      where: '--metrics-port',
      hint: 'choose another port; 0 takes any free one',
      cause,
    });
  }
  // What it serves is beside the point: it must not keep the process.
  server.unref();
  const { address, family, port: granted } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${granted}/metrics`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
