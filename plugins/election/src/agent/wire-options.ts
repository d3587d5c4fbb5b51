import type { WireOptions } from '@etcdperf/core/wire';
import type { AgentsConfig, CandidateConfig } from '../protocol/index.ts';

/**
 * How a process connects. `turn` rotates the endpoints, so that many connections spread over all members.
 */
export function wireOptions(config: CandidateConfig | AgentsConfig, turn = 0): WireOptions {
  const { endpoints, tls, auth, dialTimeoutMs, requestTimeoutMs } = config;
  const first = turn % endpoints.length;
  return {
    endpoints: [...endpoints.slice(first), ...endpoints.slice(0, first)],
    dialTimeoutMs,
    requestTimeoutMs,
    ...(auth && { auth }),
    ...(tls && {
      tls: {
        ...(tls.ca !== undefined && { ca: Buffer.from(tls.ca) }),
        ...(tls.cert !== undefined && { cert: Buffer.from(tls.cert) }),
        ...(tls.key !== undefined && { key: Buffer.from(tls.key) }),
        ...(tls.serverName !== undefined && { serverName: tls.serverName }),
        ...(tls.insecureSkipVerify !== undefined && { insecureSkipVerify: tls.insecureSkipVerify }),
      },
    }),
  };
}
