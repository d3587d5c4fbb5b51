import { WireLoop } from '../loop/index.ts';
import { DialTargets } from './dial-targets.ts';
import { LiveEndpoints } from './live-endpoints.ts';

export interface WireTls {
  /** PEM; default: the authorities that node knows. */
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  /** The name that the server's certificate must be for; default: the endpoint's host. */
  readonly serverName?: string | undefined;
  readonly insecureSkipVerify?: boolean | undefined;
}

/** How to reach a cluster. Clients that share one object share what is made of it, TLS context included. */
export interface WireOptions {
  /** `http://host:port` or `https://host:port`. With `LiveEndpoints` clients follow its changes. */
  readonly endpoints: readonly string[];
  readonly tls?: WireTls | undefined;
  readonly auth?: { readonly user: string; readonly password: string } | undefined;
  /** For the first connection, over all endpoints; split among them for each. Default 5000. */
  readonly dialTimeoutMs?: number | undefined;
  /** For each call, waiting for a connection included. Default 5000. */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * Silence on a connection with open calls after which a PING is sent. Default 10000. etcd ends connections that ask
   * more often than its --grpc-keepalive-min-time: 5 s unless set.
   */
  readonly keepaliveMs?: number | undefined;
  /** How long the answer to that PING may take. Default 5000. */
  readonly keepaliveTimeoutMs?: number | undefined;
  /**
   * Index of the endpoint to begin with, and to try first whenever a connection is lost. Default: successive clients
   * begin with successive endpoints, and go on to the next. Of `LiveEndpoints` it is only where to begin: lost
   * connections are spread over those that there are then.
   */
  readonly startAt?: number | undefined;
  /** Default: the one of this thread. */
  readonly loop?: WireLoop | undefined;
  /** Tests begin near the last stream id. */
  readonly firstStreamId?: number | undefined;
}

export interface ResolvedOptions {
  readonly targets: DialTargets;
  /** The endpoints, where they can change. */
  readonly live: LiveEndpoints | undefined;
  readonly auth: { readonly user: string; readonly password: string } | undefined;
  readonly dialTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
  readonly startAt: number | undefined;
  readonly loop: WireLoop;
  readonly firstStreamId: number | undefined;
}

/** Checks the options and fills in defaults. Throws InputError for endpoints that are none. */
export function resolveOptions(options: WireOptions): ResolvedOptions {
  const loop = options.loop ?? WireLoop.shared();
  return loop.memoize(options, () => ({
    targets: new DialTargets(options),
    live: options.endpoints instanceof LiveEndpoints ? options.endpoints : undefined,
    auth: options.auth,
    dialTimeoutMs: options.dialTimeoutMs ?? 5000,
    requestTimeoutMs: options.requestTimeoutMs ?? 5000,
    keepaliveMs: options.keepaliveMs ?? 10_000,
    keepaliveTimeoutMs: options.keepaliveTimeoutMs ?? 5000,
    startAt: options.startAt,
    loop,
    firstStreamId: options.firstStreamId,
  }));
}
