import type { ClusterConfig } from '../config/index.ts';
import { readInputFile } from './cluster-access.ts';

/** File name on the host → PEM content. Holds a private key: pushed with mode 0600, never printed. */
export type TlsFiles = Readonly<Record<string, Buffer>>;

/** The files that every member of a cluster needs, read from this machine; undefined without TLS. Throws InputError. */
export async function readTlsFiles(config: ClusterConfig): Promise<TlsFiles | undefined> {
  if (config.tls === undefined) return undefined;
  const { caFile, certFile, keyFile, clientCaFile } = config.tls;
  const files = [
    ['ca.pem', caFile],
    ['cert.pem', certFile],
    ['key.pem', keyFile],
    ...(clientCaFile === undefined ? [] : [['client-ca.pem', clientCaFile] as const]),
  ] as const;
  const where = `cluster ${config.name}`;
  return Object.fromEntries(
    await Promise.all(files.map(async ([name, file]) => [name, await readInputFile(file, where)] as const)),
  );
}
