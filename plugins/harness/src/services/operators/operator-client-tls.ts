import type { ClientTls, KubernetesCluster } from '@etcdperf/core/etcd';
import type { Kube, Secret } from '@etcdperf/core/kube';
import { tlsSecretNames } from '../kubernetes/tls-secrets.ts';
import { COREOS_API } from './coreos-cluster.ts';
import { etcdIoLabels } from './etcd-io-cluster.ts';
import { listPods } from './ready-pods.ts';
import type { EtcdCluster } from './require-operator.ts';
import { servesTls } from './serves-tls.ts';

/**
 * What clients trust and show, from the secrets of an operator's cluster whose settings name no files of their own.
 * Undefined where it has none, or where its members serve plain text all the same.
 */
export async function operatorClientTls(
  kube: Kube,
  config: KubernetesCluster['config'],
  signal?: AbortSignal,
): Promise<ClientTls | undefined> {
  const { operator } = config.kubernetes;
  switch (operator) {
    case undefined:
      return undefined;
    case 'coreos':
      return coreosTls(kube, config.name, signal);
    case 'etcd-io':
      return etcdIoTls(kube, config.name, signal);
    default:
      return operator satisfies never;
  }
}

async function coreosTls(kube: Kube, name: string, signal?: AbortSignal): Promise<ClientTls | undefined> {
  const cluster = await kube.get<EtcdCluster<unknown>>(
    { apiVersion: COREOS_API, kind: 'EtcdCluster', name },
    { signal },
  );
  const { TLS } = (cluster?.spec ?? {}) as { TLS?: { static?: { operatorSecret?: string } } };
  const secret = TLS?.static?.operatorSecret;
  if (secret === undefined) return undefined;
  const files = await readSecret(kube, secret, signal);
  return tlsOf(files?.('etcd-client-ca.crt'), files?.('etcd-client.crt'), files?.('etcd-client.key'));
}

async function etcdIoTls(kube: Kube, name: string, signal?: AbortSignal): Promise<ClientTls | undefined> {
  const pods = await listPods(kube, kube.namespace, etcdIoLabels(name), signal);
  if (!pods.some(servesTls)) return undefined;
  const names = tlsSecretNames(name);
  const [server, client] = await Promise.all([names.server, names.client].map((one) => readSecret(kube, one, signal)));
  const ca = server?.('ca.crt');
  // The operator's own certificates each sign themselves: then members trust the one that they show, and not the client's.
  const shown = ca !== undefined && client?.('ca.crt')?.equals(ca) ? client : server;
  return tlsOf(ca, shown?.('tls.crt'), shown?.('tls.key'));
}

function tlsOf(ca?: Buffer, cert?: Buffer, key?: Buffer): ClientTls | undefined {
  if (ca === undefined) return undefined;
  return { ca, ...(cert !== undefined && key !== undefined && { cert, key }) };
}

/** A secret's files by name; undefined where there is no such secret. */
async function readSecret(kube: Kube, name: string, signal?: AbortSignal) {
  const secret = await kube.get<Secret>({ apiVersion: 'v1', kind: 'Secret', name }, { signal });
  if (secret === undefined) return undefined;
  return (file: string): Buffer | undefined => {
    const text = secret.data?.[file];
    return text === undefined ? undefined : Buffer.from(text, 'base64');
  };
}
