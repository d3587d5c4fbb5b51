import type { InputProblem } from '@etcdperf/core/errors';
import type { KubernetesPlan } from '../kubernetes/kubernetes-plan.ts';

/** What neither operator has a field for. */
const HINT = 'leave it out, or let etcdperf make the pods itself (backend: statefulset)';

/**
 * Settings of the inventory that an operator would silently ignore: said before anything is applied.
 * @param operator as in `coreos' operator`
 */
export function unsupportedSettings(plan: KubernetesPlan, operator: string): InputProblem[] {
  const { kubernetes, members } = plan.config;
  const { imagePullPolicy, imagePullSecrets, priorityClass, storage } = kubernetes;
  const ignored = (setting: string): InputProblem => ({
    message: `${operator} has no setting for ${setting}`,
    hint: HINT,
  });
  return [
    ...(imagePullPolicy !== undefined && imagePullPolicy !== 'IfNotPresent' ? [ignored('imagePullPolicy')] : []),
    ...(imagePullSecrets.length > 0
      ? [
          {
            message: `${operator} has no setting for imagePullSecrets`,
            hint: 'give them to the service account default of the namespace, and leave them out here',
          },
        ]
      : []),
    ...(priorityClass !== undefined ? [ignored('priorityClass')] : []),
    ...(storage.kind === 'nfs' || storage.kind === 'hostPath' ? [ignored(`storage.${storage.kind}`)] : []),
    ...(storage.kind === 'emptyDir' && (storage.medium || storage.sizeLimit !== undefined)
      ? [ignored("emptyDir's medium and sizeLimit")]
      : []),
    ...(members.some(({ clientPort, peerPort }) => clientPort !== 2379 || peerPort !== 2380)
      ? [{ message: `${operator} runs members at ports 2379 and 2380 only`, hint: 'leave ports out' }]
      : []),
  ];
}
