import type { ClusterAccess } from '@etcdperf/core/etcd';

/** A cluster's access as process-config.ts has it: PEM files as text. For configuration files on hosts only. */
export function processAccess({ endpoints, tls, auth, dialTimeoutMs }: ClusterAccess) {
  return {
    endpoints: [...endpoints],
    ...(tls !== undefined && {
      tls: {
        ...(tls.ca !== undefined && { ca: tls.ca.toString('utf8') }),
        ...(tls.cert !== undefined && { cert: tls.cert.toString('utf8') }),
        ...(tls.key !== undefined && { key: tls.key.toString('utf8') }),
        ...(tls.serverName !== undefined && { serverName: tls.serverName }),
        ...(tls.insecureSkipVerify !== undefined && { insecureSkipVerify: tls.insecureSkipVerify }),
      },
    }),
    ...(auth !== undefined && { auth: { ...auth } }),
    ...(dialTimeoutMs !== undefined && { dialTimeoutMs }),
  };
}
