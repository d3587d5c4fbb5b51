import type { KubernetesPlan } from '../kubernetes/kubernetes-plan.ts';

/**
 * Keeps members off nodes that have one already, as Kubernetes' `affinity`. Undefined where they may share nodes.
 * @param labels of the members' pods
 */
export function memberAffinity({ config }: KubernetesPlan, labels: Readonly<Record<string, string>>) {
  const term = { labelSelector: { matchLabels: labels }, topologyKey: 'kubernetes.io/hostname' };
  const { antiAffinity } = config.kubernetes;
  switch (antiAffinity) {
    case 'none':
      return undefined;
    case 'required':
      return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    case 'preferred':
      return {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }],
        },
      };
    default:
      return antiAffinity satisfies never;
  }
}
