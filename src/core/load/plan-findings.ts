import type { LoadPlan } from './load-plan.ts';
import type { Finding } from './preflight.ts';

/** What the reader of a plan's figures should know of the plan itself. */
export function planFindings({ pace, clients, connections, end, threads }: LoadPlan): Finding[] {
  const findings: Finding[] = [];
  const idle = connections - clients;
  if (pace.kind === 'closed' && idle > 0)
    findings.push({
      kind: 'other',
      message: `${clients} of ${connections} connections carry requests, ${idle} stay idle`,
      hint: 'more --clients use them',
    });
  if (pace.kind === 'closed' && end.kind === 'total' && end.requests < clients)
    findings.push({
      kind: 'other',
      message: `${end.requests} requests are fewer than ${clients} clients: most of these send none`,
      hint: 'a larger --total, or a --duration',
    });
  if (pace.kind === 'closed' && threads > clients)
    findings.push({
      kind: 'other',
      message: `${threads - clients} of ${threads} threads have no client and send nothing`,
      hint: 'more --clients, or fewer --threads',
    });
  return findings;
}
