import type { KubeEvent } from './kube-objects.ts';

/** When it was last seen, RFC 3339. */
export function eventTime({ lastTimestamp, series, eventTime: first, metadata }: KubeEvent): string {
  return lastTimestamp ?? series?.lastObservedTime ?? first ?? metadata.creationTimestamp ?? '';
}
