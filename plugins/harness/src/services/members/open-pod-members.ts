import { OperationError } from '@etcdperf/core/errors';
import {
  type ClientTls,
  type ConnectChoices,
  clusterCredentials,
  endpointUrl,
  type KubernetesCluster,
} from '@etcdperf/core/etcd';
import { type Kube, openKube, type Pod } from '@etcdperf/core/kube';
import { backendOf } from '../kubernetes/backend-of.ts';
import { clientPort } from '../kubernetes/client-services.ts';
import type { ClusterMembers, PodMember } from './cluster-members.ts';

/**
 * The members of a cluster on Kubernetes: the pods that carry its labels, each behind a port of this machine. A pod is
 * connected to when its port is. Throws OperationError where there are no pods.
 */
export async function openPodMembers(found: KubernetesCluster, choices: ConnectChoices): Promise<ClusterMembers> {
  const { config } = found;
  const { signal } = choices;
  const { kubeconfigFile, context, namespace } = config.kubernetes;
  const kube = await openKube({ kubeconfigFile, context, namespace, signal });
  try {
    const backend = await backendOf(config);
    const plan = { config, namespace: kube.namespace, tls: undefined };
    const pods = await findPods(kube, backend.podLabels(plan), signal);
    if (pods.length === 0)
      throw new OperationError(`cluster ${config.name} has no pods`, {
        where: `namespace ${kube.namespace} of ${kube.context}`,
        hint: `etcdperf harness:deploy ${config.name} makes it`,
      });
    const { tls: ownTls, ...credentials } = await clusterCredentials(config);
    const tls = ownTls ?? (await operatorTls(kube, config, signal));
    const port = clientPort(plan);
    const members = await Promise.all(
      pods.map(async (pod): Promise<PodMember> => {
        const name = pod.metadata?.name ?? '';
        const forward = await kube.forward({ name, namespace: kube.namespace }, port, { signal });
        return {
          kind: 'pod',
          name,
          clientUrl: endpointUrl(tls !== undefined, '127.0.0.1', forward.port),
          kube,
          namespace: kube.namespace,
          pod: name,
          container: backend.container,
          node: pod.spec?.nodeName,
        };
      }),
    );
    return {
      found,
      members,
      access: {
        endpoints: members.map((member) => member.clientUrl),
        ...credentials,
        ...(tls !== undefined && { tls: memberTls(tls, found, kube.namespace, members[0]!.name) }),
      },
      plan: undefined,
      // Its forwarded ports end with it.
      [Symbol.asyncDispose]: () => kube.close(),
    };
  } catch (error) {
    await kube.close();
    throw error;
  }
}

/** A cluster whose settings say nothing of TLS may have certificates that its operator made. */
async function operatorTls(kube: Kube, config: KubernetesCluster['config'], signal: AbortSignal | undefined) {
  if (config.kubernetes.operator === undefined) return undefined;
  const { operatorClientTls } = await import('../operators/operator-client-tls.ts');
  return operatorClientTls(kube, config, signal);
}

/** In the order of their names; those that are being deleted are left out. */
export async function findPods(
  kube: Kube,
  labels: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Pod[]> {
  const pods = await kube.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labels, namespace: kube.namespace }, { signal });
  return pods
    .filter((pod) => pod.metadata?.deletionTimestamp === undefined)
    .sort((a, b) => (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? '', 'en', { numeric: true }));
}

/**
 * Members' certificates name them as they are reached inside Kubernetes, one certificate for all: a wildcard, or the
 * names of each. So whichever member answers at a port, it must have shown one that is good for the first.
 */
function memberTls(tls: ClientTls, { config }: KubernetesCluster, namespace: string, first: string): ClientTls {
  const domain = config.kubernetes.operator === 'etcd-io' ? 'svc.cluster.local' : 'svc';
  return { ...tls, serverName: `${first}.${config.name}.${namespace}.${domain}` };
}
