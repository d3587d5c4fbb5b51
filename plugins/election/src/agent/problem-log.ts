import type { WireError } from '@etcdperf/core/wire';
import type { EventLog } from './event-log.ts';

/** Thousands of agents meet the same problem at once, and again at each retry: so often is one kind of it told. */
const sameEveryMs = 10_000;

/** Tells what etcd refused or did not answer, before it is tried again: nothing is retried in silence. */
export class ProblemLog {
  readonly #log: EventLog;
  readonly #toldAtMs = new Map<string, number>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  tell(error: WireError, identity?: string): void {
    const nowMs = performance.now();
    const toldAtMs = this.#toldAtMs.get(error.reason);
    if (toldAtMs !== undefined && nowMs - toldAtMs < sameEveryMs) return;
    this.#toldAtMs.set(error.reason, nowMs);
    const where = error.where === undefined ? {} : { where: error.where };
    this.#log.write({ e: 'error', message: error.message, ...where, ...(identity !== undefined && { identity }) });
  }
}
