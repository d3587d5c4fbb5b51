import type { WireOptions } from '@etcdperf/core/wire';
import type { AgentsConfig, CandidateConfig } from '../protocol/index.ts';

/** How a process connects. All of its clients share one such object; they begin with one endpoint after the other. */
export function wireOptions(config: CandidateConfig | AgentsConfig): WireOptions {
  const { endpoints, tls, auth, dialTimeoutMs, requestTimeoutMs } = config;
  return { endpoints, auth, dialTimeoutMs, requestTimeoutMs, tls: tls && { ...tls, ...pemBuffers(tls) } };
}

function pemBuffers({ ca, cert, key }: NonNullable<AgentsConfig['tls']>) {
  const buffer = (pem: string | undefined) => (pem === undefined ? undefined : Buffer.from(pem));
  return { ca: buffer(ca), cert: buffer(cert), key: buffer(key) };
}
