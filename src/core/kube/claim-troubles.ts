import type { KubeEvent, PersistentVolumeClaim } from './kube-objects.ts';

/** Why a claim is not bound; empty where it is. `events`: about this claim, oldest first. */
export function claimTroubles(
  { metadata, spec, status }: PersistentVolumeClaim,
  events: readonly KubeEvent[],
): string[] {
  if (status?.phase === 'Bound') return [];
  if (status?.phase === 'Lost') return [`claim ${metadata?.name} has lost its volume ${spec?.volumeName ?? ''}`.trim()];
  const storageClass =
    spec?.storageClassName === undefined ? '' : ` (storage class ${spec.storageClassName || 'none'})`;
  const last = events.findLast(({ type }) => type === 'Warning') ?? events.at(-1);
  return [
    `claim ${metadata?.name}${storageClass} is not bound${last?.message === undefined ? '' : `: ${last.message}`}`,
  ];
}
