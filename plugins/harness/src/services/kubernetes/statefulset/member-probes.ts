import type { KubernetesPlan } from '../kubernetes-plan.ts';
import { hasReadyz } from './etcd-version.ts';
import { memberPorts } from './member-ports.ts';

/**
 * When a member counts as started, alive and ready. Alive asks it alone: a cluster without quorum must not be restarted
 * by its kubelets. Ready reads through raft, so that a rollout goes on only with a member that takes part.
 */
export function memberProbes(plan: KubernetesPlan) {
  const port = memberPorts(plan).metrics;
  const http = (path: string) => ({ httpGet: { path, port, scheme: 'HTTP' } });
  const modern = hasReadyz(plan.config.version);
  // etcd before that has only /health, which asks for a leader.
  const alive = modern ? http('/livez') : { tcpSocket: { port } };
  return {
    // A large database takes its time to load: ten minutes.
    startupProbe: { ...alive, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 600 },
    // As patient as kubeadm is: disks that are slow on purpose are no reason to restart.
    livenessProbe: { ...alive, periodSeconds: 10, timeoutSeconds: 15, failureThreshold: 8 },
    readinessProbe: {
      ...http(modern ? '/readyz' : '/health'),
      periodSeconds: 2,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
  };
}
