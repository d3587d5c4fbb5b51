import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import { InputError } from '../../errors/index.ts';
import type { DialTarget } from '../http2/index.ts';
import type { WireOptions, WireTls } from './wire-options.ts';

/** How endpoints are dialled. What is made of one is kept for the next connection; the list is read as it is then. */
export class DialTargets {
  readonly endpoints: readonly string[];
  readonly #tls: WireTls;
  readonly #made = new Map<string, DialTarget>();
  #context: SecureContext | undefined;

  /** Throws InputError for endpoints that are none. */
  constructor({ endpoints, tls = {} }: Pick<WireOptions, 'endpoints' | 'tls'>) {
    if (endpoints.length === 0) throw new InputError('no etcd endpoint is given');
    this.endpoints = endpoints;
    this.#tls = tls;
    for (const endpoint of endpoints) this.#of(endpoint);
  }

  get count(): number {
    return this.endpoints.length;
  }

  /** After the last comes the first again. */
  at(index: number): DialTarget {
    return this.#of(this.endpoints[index % this.endpoints.length]!);
  }

  #of(endpoint: string): DialTarget {
    const known = this.#made.get(endpoint);
    if (known !== undefined) return known;
    const made = this.#make(endpoint);
    this.#made.set(endpoint, made);
    return made;
  }

  #make(endpoint: string): DialTarget {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
    if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
      throw new InputError(`"${endpoint}" is not an etcd endpoint`, { hint: 'Write it as http://host:port.' });
    const scheme = url.protocol === 'http:' ? 'http' : 'https';
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = Number(url.port || (scheme === 'http' ? 80 : 443));
    const { serverName, insecureSkipVerify } = this.#tls;
    return {
      endpoint,
      scheme,
      host,
      port,
      authority: `${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
      tls:
        scheme === 'http'
          ? undefined
          : {
              context: this.#secureContext(),
              ...(serverName === undefined ? {} : { serverName }),
              isVerified: insecureSkipVerify !== true,
            },
    };
  }

  #secureContext(): SecureContext {
    const { ca, cert, key } = this.#tls;
    // Loaded for TLS alone: it takes 20 ms of CPU.
    this.#context ??= process
      .getBuiltinModule('node:tls')
      .createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
    return this.#context;
  }
}
