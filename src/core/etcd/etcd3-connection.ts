import { connect, isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import type { Etcd3 } from 'etcd3';
import type { ClientTls, ClusterAccess } from './cluster-access.ts';

/** etcd3 brings grpc-js and takes 0.2 s to load, on a busy machine seconds: only when a cluster is really spoken to. */
export function loadEtcd3() {
  return Promise.all([import('etcd3'), import('cockatiel')]);
}

/**
 * One etcd3 client on one endpoint. Its own retries and circuit breakers are off: they hide which endpoint failed and
 * keep a member that has come back looking dead for 5 s.
 */
export async function connectEtcd3(endpoint: string, access: ClusterAccess): Promise<Etcd3> {
  const [{ Etcd3 }, { noop }] = await loadEtcd3();
  const { tls, auth } = access;
  const etcd = new Etcd3({
    hosts: endpoint,
    faultHandling: { global: noop, host: () => noop },
    grpcOptions: {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
      ...(tls?.serverName !== undefined &&
        isIP(tls.serverName) === 0 && { 'grpc.ssl_target_name_override': tls.serverName }),
    },
    ...((tls?.ca ?? tls?.cert) !== undefined && {
      credentials: {
        // Without one grpc-js takes the system's roots, which etcd3's types don't know of.
        rootCertificate: tls?.ca as Buffer,
        ...(tls?.cert !== undefined && { certChain: tls.cert }),
        ...(tls?.key !== undefined && { privateKey: tls.key }),
      },
    }),
    ...(auth !== undefined && {
      auth: { username: auth.user, password: auth.password, callOptions: () => ({ deadline: Date.now() + 3000 }) },
    }),
  });
  if (tls !== undefined) settleVerification(etcd, tls);
  return etcd;
}

/**
 * etcd3 has no option for it, and its logins don't see grpcOptions: what grpc-js reads when it connects is changed before
 * that. See control-client.test.ts.
 */
function settleVerification(etcd: Etcd3, { insecureSkipVerify, serverName }: ClientTls): void {
  const change =
    insecureSkipVerify === true
      ? { rejectUnauthorized: false, checkServerIdentity: () => undefined }
      : serverName === undefined
        ? undefined
        : {
            checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
              process.getBuiltinModule('node:tls').checkServerIdentity(serverName, certificate),
          };
  if (change === undefined) return;
  const { hosts } = (etcd as unknown as { pool: { hosts: { channelCredentials: { verifyOptions?: object } }[] } }).pool;
  for (const { channelCredentials } of hosts) {
    if (channelCredentials.verifyOptions !== undefined) Object.assign(channelCredentials.verifyOptions, change);
  }
}

/**
 * Whether anybody listens at an endpoint; rejects if not. grpc-js can't be told to give up connecting: to a host that
 * drops packets it would go on, and keep the process alive, long after its client was closed.
 */
export async function probeEndpoint(endpoint: string, deadline: number): Promise<void> {
  const { hostname, port } = new URL(endpoint);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''), resolve);
  socket.once('error', reject);
  const timer = setTimeout(() => reject(new Error('deadline exceeded')), Math.max(0, deadline - Date.now()));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
