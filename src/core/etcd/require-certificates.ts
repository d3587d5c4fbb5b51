import type { ClusterCertificates, CredentialFiles, RequiredHosts } from '../certs/index.ts';
import type { ClusterConfig } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import { readInputFile } from './cluster-access.ts';

/** The certificate files that a cluster's settings name; undefined without TLS. Throws InputError for one that can't be read. */
export async function readClusterCertificates(config: ClusterConfig): Promise<ClusterCertificates | undefined> {
  const { tls } = config;
  if (tls === undefined) return undefined;
  const hint = tls.madeIn === undefined ? undefined : `etcdperf harness:certs ${config.name} makes the certificates`;
  const read = async (file: string) => ({ file, pem: await readInputFile(file, `cluster ${config.name}`, hint) });
  const pair = async (cert: string, key: string): Promise<CredentialFiles> => ({
    cert: await read(cert),
    key: await read(key),
  });
  const { peerCertFile, peerKeyFile, clientCertFile, clientKeyFile, clientCaFile } = tls;
  return {
    ca: await read(tls.caFile),
    server: await pair(tls.certFile, tls.keyFile),
    peer: peerCertFile && peerKeyFile ? await pair(peerCertFile, peerKeyFile) : undefined,
    client: clientCertFile && clientKeyFile ? await pair(clientCertFile, clientKeyFile) : undefined,
    clientCa: clientCaFile === undefined ? undefined : await read(clientCaFile),
  };
}

/** Throws InputError for a client certificate of ours whose time is over or has not come. */
export async function requireOwnCertificate({ name, tls }: ClusterConfig): Promise<void> {
  const file = tls?.clientCertFile;
  if (file === undefined) return;
  const { timeProblem } = await loadCerts();
  const problem = timeProblem(await readInputFile(file, `cluster ${name}`));
  if (problem === undefined) return;
  throw new InputError(`${file}: ${problem}`, {
    where: `cluster ${name}`,
    hint: tls?.madeIn === undefined ? undefined : renewHint(name),
  });
}

/** Before anything is touched: throws InputError with all that is wrong with a cluster's certificates. */
export async function requireCertificates(config: ClusterConfig, hosts: RequiredHosts): Promise<void> {
  const certificates = await readClusterCertificates(config);
  if (certificates === undefined) return;
  const { checkCertificates } = await loadCerts();
  const problems = checkCertificates(certificates, hosts);
  if (problems.length === 0) return;
  throw new InputError(`the certificates of cluster ${config.name} can't be used`, {
    problems,
    hint: config.tls?.madeIn === undefined ? undefined : renewHint(config.name),
  });
}

/** On demand: without TLS nobody needs it, and node's crypto takes a while to load. */
function loadCerts() {
  return import('../certs/index.ts');
}

function renewHint(cluster: string): string {
  return `etcdperf harness:certs ${cluster} --renew makes new ones of the same CA`;
}
