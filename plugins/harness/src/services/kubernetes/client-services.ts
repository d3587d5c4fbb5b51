import { clusterMeta } from './cluster-labels.ts';
import type { ClusterObject } from './cluster-object.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';

/** The names of a cluster's services. */
export function serviceNames(cluster: string) {
  return {
    headless: cluster,
    client: `${cluster}-client`,
    nodePort: `${cluster}-client-service-np`,
    loadBalancer: `${cluster}-client-service-lb`,
  } as const;
}

/** The port that clients inside Kubernetes use. */
export function clientPort({ config }: KubernetesPlan): number {
  return config.members[0]?.clientPort ?? 2379;
}

/**
 * The ways into a cluster from outside that its settings ask for: a node port, a load balancer.
 * @param selector of the members' pods
 */
export function accessServices(plan: KubernetesPlan, selector: Readonly<Record<string, string>>): ClusterObject[] {
  const { nodePort, loadBalancer } = plan.config.kubernetes.services;
  const names = serviceNames(plan.config.name);
  const port = clientPort(plan);
  return [
    ...(nodePort === undefined
      ? []
      : [
          clientService(plan, names.nodePort, selector, {
            type: 'NodePort',
            ports: [{ ...portNamed(port), ...(nodePort.port !== undefined && { nodePort: nodePort.port }) }],
          }),
        ]),
    ...(loadBalancer === undefined
      ? []
      : [clientService(plan, names.loadBalancer, selector, { type: 'LoadBalancer' }, loadBalancer.annotations)]),
  ];
}

/** The cluster IP that clients inside Kubernetes use: only members that are ready get connections. */
export function clusterIpService(plan: KubernetesPlan, selector: Readonly<Record<string, string>>): ClusterObject {
  return clientService(plan, serviceNames(plan.config.name).client, selector, { type: 'ClusterIP' });
}

function clientService(
  plan: KubernetesPlan,
  name: string,
  selector: Readonly<Record<string, string>>,
  spec: object,
  annotations: Readonly<Record<string, string>> = {},
): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: clusterMeta(plan, name, annotations),
    spec: { selector, ports: [portNamed(clientPort(plan))], ...spec },
  };
}

function portNamed(port: number) {
  return { name: 'client', port, targetPort: port, protocol: 'TCP' };
}
