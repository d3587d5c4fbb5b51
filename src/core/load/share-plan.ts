import { InputError } from '../errors/index.ts';
import type { LoadPlan, ThreadShare } from './load-plan.ts';

/** The connections of one thread, numbered among all, and how many callers each of them has. */
export interface LaneShare {
  readonly connection: number;
  readonly callers: number;
}

/** A thread's part of a plan. All parts together are the plan. */
export interface PlanShare {
  readonly share: ThreadShare;
  readonly lanes: readonly LaneShare[];
  /** Undefined where the load ends by the clock. */
  readonly requests: number | undefined;
  readonly maxInFlight: number;
}

/** Throws InputError for a plan that can't be carried out. */
export function checkPlan(plan: LoadPlan): void {
  const { connections, clients, threads, maxInFlight, timeoutMs, pace } = plan;
  const needed = { connections, clients, threads, maxInFlight, timeoutMs };
  for (const [name, value] of Object.entries(needed))
    if (!(value >= 1)) throw new InputError(`a load needs ${name} of at least 1, not ${value}`);
  if (pace.kind === 'open' && !(pace.ratePerSec > 0 && pace.ratePerSec < Number.POSITIVE_INFINITY))
    throw new InputError(`a rate of ${pace.ratePerSec} requests per second is none`);
  const shared = { connections, ...(pace.kind === 'closed' ? { clients } : { 'requests in flight': maxInFlight }) };
  for (const [name, count] of Object.entries(shared))
    if (threads > count)
      throw new InputError(`${threads} threads can't share ${count} ${name}`, {
        hint: 'Each thread needs one of its own at least.',
      });
}

/** What thread `index` does: connections, callers and requests are dealt out one by one, as cards are. */
export function sharePlan(plan: LoadPlan, index: number): PlanShare {
  const { connections, clients, threads, end, maxInFlight, seed } = plan;
  const lanes = Array.from({ length: dealt(connections, threads, index) }, (_, lane) => {
    const connection = lane * threads + index;
    return { connection, callers: dealt(clients, connections, connection) };
  });
  return {
    share: { index, count: threads, seed: (seed + Math.imul(index, 0x9e3779b1)) >>> 0 },
    lanes,
    requests: end.kind === 'total' ? dealt(end.requests, threads, index) : undefined,
    maxInFlight: dealt(maxInFlight, threads, index),
  };
}

/** How many of `total` cards player `index` of `players` gets. */
function dealt(total: number, players: number, index: number): number {
  return Math.max(0, Math.ceil((total - index) / players));
}
