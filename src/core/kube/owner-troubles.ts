import type { KubeEvent } from './kube-objects.ts';
import { quotaExceeded } from './quota-exceeded.ts';

/**
 * What a StatefulSet, a Job or a custom resource can't do, by the warnings about it (oldest first): each kind of warning
 * once, as it was last.
 */
export function ownerTroubles(events: readonly KubeEvent[]): string[] {
  const latest = new Map<string, KubeEvent>();
  for (const event of events) if (event.type === 'Warning') latest.set(event.reason ?? '', event);
  return [...latest.values()].map(({ involvedObject, reason, message = '' }) => {
    const what = `${involvedObject.kind} ${involvedObject.name}`;
    return `${what}: ${quotaExceeded(message) ?? (message.trim() || reason)}`;
  });
}
