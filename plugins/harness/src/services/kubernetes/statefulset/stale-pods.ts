import type { Pod } from '@etcdperf/core/kube';
import type { KubernetesPlan } from '../kubernetes-plan.ts';
import { memberPodTemplate, TEMPLATE_ANNOTATION } from './member-pod.ts';
import { losesDataWithPod } from './member-storage.ts';

/** Pods of a template other than wanted, where no controller replaces them because their data would go with them. */
export function stalePods(plan: KubernetesPlan, pods: readonly Pod[]): Pod[] {
  if (plan.config.backend !== 'statefulset' || !losesDataWithPod(plan)) return [];
  const wanted = memberPodTemplate(plan).metadata.annotations[TEMPLATE_ANNOTATION];
  return pods.filter(({ metadata }) => metadata?.annotations?.[TEMPLATE_ANNOTATION] !== wanted);
}
