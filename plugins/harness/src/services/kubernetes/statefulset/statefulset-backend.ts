import { memberLabels } from '../cluster-labels.ts';
import type { KubernetesBackend } from '../kubernetes-backend.ts';
import { judgeChange } from './judge-change.ts';
import { CONTAINER } from './member-pod.ts';
import { claimNames } from './member-storage.ts';
import { statefulsetObjects } from './statefulset-objects.ts';
import { statefulsetReadiness } from './statefulset-readiness.ts';

/** Its pods carry a label with its name and a hash, and labels have 63 letters at most. */
const LONGEST_NAME = 52;

/** Clusters as a StatefulSet of ours. */
export const statefulsetBackend: KubernetesBackend = {
  title: 'a StatefulSet',
  clusterObjects: statefulsetObjects,
  kinds: [
    { apiVersion: 'apps/v1', kind: 'StatefulSet' },
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
    { apiVersion: 'v1', kind: 'Service' },
    { apiVersion: 'v1', kind: 'Secret' },
  ],
  dataKinds: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }],
  claimNames,
  podLabels: ({ config }) => memberLabels(config.name),
  container: CONTAINER,
  rules: [
    { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
    {
      apiGroups: ['policy'],
      resources: ['poddisruptionbudgets'],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
  ],
  obstacles: async (_kube, { config: { name } }) => {
    if (name.length <= LONGEST_NAME) return [];
    const reason = `the name ${name} is too long for a StatefulSet, whose pods could not be made`;
    return [{ reason, hint: `${LONGEST_NAME} letters at most` }];
  },
  consequence: judgeChange,
  readiness: statefulsetReadiness,
};
