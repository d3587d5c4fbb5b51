import { memberLabels } from '../cluster-labels.ts';
import type { KubernetesBackend } from '../kubernetes-backend.ts';
import { judgeChange } from './judge-change.ts';
import { CONTAINER } from './member-pod.ts';
import { claimNames } from './member-storage.ts';
import { statefulsetObjects } from './statefulset-objects.ts';
import { statefulsetReadiness } from './statefulset-readiness.ts';

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
  consequence: judgeChange,
  readiness: statefulsetReadiness,
};
