import type { RenderLoadOptions } from '@etcdperf/core/cli';
import type { LoadReport } from '@etcdperf/core/load';
import type { HeldLeaseExtra } from '../services/leases/held-lease-work.ts';
import { renderStanding } from './render-standing.ts';

/** What became of leases that were held. */
export function renderHeldLeases(report: LoadReport & HeldLeaseExtra, options: RenderLoadOptions = {}): string {
  const { asked, held, lost, revoked, left, askedTtlSeconds, grantedTtlSeconds } = report.leases;
  const { keepalivesLate = 0, keepalivesSkipped = 0, keepaliveBreaks = 0 } = report.counters;
  const ttl =
    askedTtlSeconds === grantedTtlSeconds
      ? `${grantedTtlSeconds} s`
      : `${grantedTtlSeconds} s (asked for: ${askedTtlSeconds} s)`;
  const facts = [
    `leases: ${held} of ${asked} held at the end, ${lost} lost on the way; TTL granted: ${ttl}`,
    `keepalives: ${keepalivesLate} sent late, ${keepalivesSkipped} skipped, ${keepaliveBreaks} streams broke`,
    left === 0
      ? `${revoked} revoked, none is left`
      : `${revoked} revoked, ${left} left: they run out within ${grantedTtlSeconds} s`,
  ];
  return renderStanding(report, facts, options);
}
