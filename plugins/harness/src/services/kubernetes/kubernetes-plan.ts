import type { Credential } from '@etcdperf/core/certs';
import { type KubernetesCluster, readInputFile } from '@etcdperf/core/etcd';

/** A cluster to be, with everything settled that objects are made from. */
export interface KubernetesPlan {
  readonly config: KubernetesCluster['config'];
  readonly namespace: string;
  /** Undefined: plain text. */
  readonly tls: PlannedTls | undefined;
}

/** What members and clients get, all PEM. Holds private keys: never printed. */
export interface PlannedTls {
  readonly server: Credential;
  readonly peer: Credential;
  /** What clients inside Kubernetes (and the operators) show. */
  readonly client: Credential | undefined;
  /** Signed the server's and the peers' certificates. */
  readonly ca: Buffer;
  /** Clients must show a certificate that this CA signed. */
  readonly clientCa: Buffer | undefined;
}

/** Reads the cluster's TLS files. Throws InputError where one can't be read. */
export async function planKubernetes(config: KubernetesCluster['config'], namespace: string): Promise<KubernetesPlan> {
  return { config, namespace, tls: await readTls(config) };
}

async function readTls(config: KubernetesCluster['config']): Promise<PlannedTls | undefined> {
  const { tls } = config;
  if (tls === undefined) return undefined;
  const where = `cluster ${config.name}`;
  const hint = tls.madeIn === undefined ? undefined : `etcdperf harness:certs ${config.name} makes the certificates`;
  const read = (file: string) => readInputFile(file, where, hint);
  const credential = async (cert: string, key: string) => ({ cert: await read(cert), key: await read(key) });
  const server = await credential(tls.certFile, tls.keyFile);
  const { peerCertFile, peerKeyFile, clientCertFile, clientKeyFile, clientCaFile } = tls;
  return {
    server,
    peer: peerCertFile && peerKeyFile ? await credential(peerCertFile, peerKeyFile) : server,
    client: clientCertFile && clientKeyFile ? await credential(clientCertFile, clientKeyFile) : undefined,
    ca: await read(tls.caFile),
    clientCa: clientCaFile === undefined ? undefined : await read(clientCaFile),
  };
}
