import { clusterMeta } from './cluster-labels.ts';
import type { ClusterObject } from './cluster-object.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';

/** The names of a cluster's secrets, which its pods, the operators and drivers mount. */
export function tlsSecretNames(cluster: string): {
  readonly peer: string;
  readonly server: string;
  readonly client: string;
} {
  return { peer: `${cluster}-peer-tls`, server: `${cluster}-server-tls`, client: `${cluster}-client-tls` };
}

/**
 * The secrets of a cluster with TLS, with the file names that coreos' operator expects: `peer.crt`, `server.crt`,
 * `etcd-client.crt` and so on. None where it has no TLS.
 */
export function tlsSecrets(plan: KubernetesPlan): ClusterObject[] {
  const { tls, config } = plan;
  if (tls === undefined) return [];
  const names = tlsSecretNames(config.name);
  const secret = (name: string, files: Readonly<Record<string, Buffer>>): ClusterObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: clusterMeta(plan, name),
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(files).map(([file, content]) => [file, content.toString('base64')])),
  });
  const { peer, server, client, ca } = tls;
  return [
    secret(names.peer, { 'peer.crt': peer.cert, 'peer.key': peer.key, 'peer-ca.crt': ca }),
    // What members verify clients with.
    secret(names.server, { 'server.crt': server.cert, 'server.key': server.key, 'server-ca.crt': tls.clientCa ?? ca }),
    secret(names.client, {
      ...(client !== undefined && { 'etcd-client.crt': client.cert, 'etcd-client.key': client.key }),
      // What clients verify members with.
      'etcd-client-ca.crt': ca,
    }),
  ];
}
