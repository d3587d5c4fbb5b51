import { formatMs } from '@etcdperf/core/stats';
import type { LeaseHoldReport } from '../services/lease/lease-hold-work.ts';
import type { LeaseKeepaliveReport } from '../services/lease/lease-keepalive-work.ts';

/** What leases were kept alive, and what became of them. */
export function renderKeptLeases({ leases, counters }: LeaseKeepaliveReport): string {
  if (leases === undefined) return '';
  const gone = counters.keepalivesOfGoneLeases ?? 0;
  return [
    `leases: ${leases.count}, ${grantedTtl(leases)}; ${
      leases.revoked === undefined
        ? `not revoked: they run out within ${leases.grantedTtlSeconds} s`
        : `${leases.revoked} revoked`
    }`,
    ...(gone > 0 ? [`${gone} keepalives were of leases that had run out before`] : []),
  ].join('\n');
}

/** What became of leases that were held, and how etcd got rid of them. */
export function renderHeldLeases({
  leases,
  ending,
  isCleanedUp,
}: LeaseHoldReport & { readonly isCleanedUp: boolean }): string {
  if (leases === undefined) return '';
  const { phasesMs, expiry } = leases;
  const names = { grant: 'granting', attach: 'attaching keys', hold: 'holding', end: 'ending' } as const;
  const phases = Object.entries(phasesMs).map(([phase, ms]) => `${names[phase as keyof typeof names]} ${formatMs(ms)}`);
  const lines = [
    `leases: ${leases.granted} of ${leases.asked} granted, ${grantedTtl(leases)}; ${leases.lost} lost, ${leases.ended} ended`,
    `phases: ${phases.join(', ')}`,
  ];
  if (expiry !== undefined) {
    lines.push(
      `expiry: due from ${formatMs(expiry.firstDueMs)} to ${formatMs(expiry.lastDueMs)} after the last keepalive; ` +
        (expiry.lastGoneMs === undefined
          ? `${expiry.left} of ${expiry.leases} not seen to go`
          : `the last one was gone at ${formatMs(expiry.lastGoneMs)}, ${formatMs(expiry.lastGoneMs - expiry.lastDueMs)} late`),
      `backlog: ${expiry.mostOverdue} overdue at most${
        expiry.gonePerSec === undefined ? '' : `, ${expiry.gonePerSec} leases ended a second`
      } (seen by ${expiry.seenBy === 'metrics' ? 'the members’ metrics' : 'lists of all leases'})`,
    );
  }
  if (leases.left > 0)
    lines.push(
      isCleanedUp
        ? `${leases.left} leases were left and have been revoked (--cleanup)`
        : `${leases.left} leases are left${ending.kind === 'interrupted' ? ' by the interruption' : ''}: ` +
            `not kept alive any more, they run out within ${leases.grantedTtlSeconds} s (--cleanup would revoke them)`,
    );
  return lines.join('\n');
}

function grantedTtl(leases: { readonly askedTtlSeconds: number; readonly grantedTtlSeconds: number }): string {
  const { askedTtlSeconds: asked, grantedTtlSeconds: granted } = leases;
  return `TTL granted: ${granted} s${asked === granted ? '' : ` (asked for: ${asked} s)`}`;
}
