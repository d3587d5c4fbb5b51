import type { ClusterConfig } from '../config/index.ts';
import { readClusterCertificates } from './require-certificates.ts';

/** File name on the host → PEM content. Holds private keys: written with mode 0600, never printed. */
export type TlsFiles = Readonly<Record<string, Buffer>>;

/**
 * Those that etcd reads when it starts. All others, certificates and their keys, it reads again for each connection:
 * new ones need no restart.
 */
export const READ_AT_START: readonly string[] = ['ca.pem', 'client-ca.pem'];

/** The files that every member of a cluster needs, read from this machine; undefined without TLS. Throws InputError. */
export async function readTlsFiles(config: ClusterConfig): Promise<TlsFiles | undefined> {
  const certificates = await readClusterCertificates(config);
  if (certificates === undefined) return undefined;
  const { ca, server, peer, clientCa } = certificates;
  return {
    'ca.pem': ca.pem,
    'key.pem': server.key.pem,
    'cert.pem': server.cert.pem,
    ...(peer !== undefined && { 'peer-key.pem': peer.key.pem, 'peer-cert.pem': peer.cert.pem }),
    ...(clientCa !== undefined && { 'client-ca.pem': clientCa.pem }),
  };
}
