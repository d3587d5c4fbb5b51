import { accessServices, clientPort, clusterIpService, serviceNames } from '../client-services.ts';
import { clusterMeta, memberLabels } from '../cluster-labels.ts';
import type { ClusterObject } from '../cluster-object.ts';
import type { KubernetesPlan } from '../kubernetes-plan.ts';
import { tlsSecrets } from '../tls-secrets.ts';
import { memberPodTemplate } from './member-pod.ts';
import { memberPorts } from './member-ports.ts';
import { losesDataWithPod, memberStorage } from './member-storage.ts';

/** Everything that a cluster of a StatefulSet is made of, the StatefulSet last. Pure. */
export function statefulsetObjects(plan: KubernetesPlan): ClusterObject[] {
  const selector = memberLabels(plan.config.name);
  return [
    ...tlsSecrets(plan),
    headlessService(plan),
    clusterIpService(plan, selector),
    ...accessServices(plan, selector),
    ...disruptionBudget(plan),
    statefulSet(plan),
  ];
}

/** Gives each member its name. Members must find each other before they are ready. */
function headlessService(plan: KubernetesPlan): ClusterObject {
  const { peer } = memberPorts(plan);
  const port = (name: string, number: number) => ({ name, port: number, targetPort: number, protocol: 'TCP' });
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: clusterMeta(plan, serviceNames(plan.config.name).headless),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: memberLabels(plan.config.name),
      ports: [port('client', clientPort(plan)), port('peer', peer)],
    },
  };
}

/** Drained nodes take one member at a time. Fewer than three members can't spare any: a budget would only block drains. */
function disruptionBudget(plan: KubernetesPlan): ClusterObject[] {
  if (plan.config.members.length < 3) return [];
  return [
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: clusterMeta(plan, plan.config.name),
      spec: { maxUnavailable: 1, selector: { matchLabels: memberLabels(plan.config.name) } },
    },
  ];
}

function statefulSet(plan: KubernetesPlan): ClusterObject {
  const { config } = plan;
  const { claimTemplates } = memberStorage(plan);
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: clusterMeta(plan, config.name),
    spec: {
      serviceName: serviceNames(config.name).headless,
      replicas: config.members.length,
      // A static bootstrap needs a majority at once.
      podManagementPolicy: 'Parallel',
      // A member that comes back without its data can't take part again: such pods are never replaced by a rollout.
      updateStrategy: losesDataWithPod(plan)
        ? { type: 'OnDelete' }
        : { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 3,
      selector: { matchLabels: memberLabels(config.name) },
      template: memberPodTemplate(plan),
      ...(claimTemplates.length > 0 && { volumeClaimTemplates: claimTemplates }),
    },
  };
}
