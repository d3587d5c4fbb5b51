import type { AccessRule } from './kubernetes-backend.ts';

/** What every way of making clusters needs to be allowed in their namespace. The documented Role is made from this. */
export const COMMON_RULES: readonly AccessRule[] = [
  {
    apiGroups: [''],
    resources: ['services', 'secrets'],
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
  },
  // Claims hold the data: made by the StatefulSet, removed by harness:delete --data.
  { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'list', 'watch', 'delete'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  // Members are reached through forwarded ports; programs in their containers read what etcd doesn't tell.
  { apiGroups: [''], resources: ['pods/portforward', 'pods/exec'], verbs: ['get', 'create'] },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  { apiGroups: [''], resources: ['events'], verbs: ['get', 'list', 'watch'] },
];
