import type { DueTimes } from './due-times.ts';

/** How far etcd is, at one moment. */
export interface BacklogSample {
  /** Since keepalives ended. */
  readonly atMs: number;
  /** How many leases' time was over. */
  readonly due: number;
  readonly gone: number;
  /** Due and not gone. */
  readonly overdue: number;
}

/** How etcd got rid of leases that ran out. Times count from the end of the keepalives. */
export interface ExpiryReport {
  readonly leases: number;
  readonly firstDueMs: number;
  readonly lastDueMs: number;
  /** When none was left. Undefined: it was not waited for. */
  readonly lastGoneMs: number | undefined;
  /** Still there when the waiting ended. */
  readonly left: number;
  readonly mostOverdue: number;
  /** From the first that was seen gone until the last. */
  readonly gonePerSec: number | undefined;
  /** What the counts are from. */
  readonly seenBy: 'metrics' | 'lease list';
}

/** How many leases are due and how many are gone, as it goes on. Moments are by performance.now(). */
export class Backlog {
  readonly #due: DueTimes;
  readonly #startedAt: number;
  #gone = 0;
  #firstGoneAt = Number.NaN;
  #changedAt: number;
  #mostOverdue = 0;

  /** @param startedAt when keepalives ended */
  constructor(due: DueTimes, startedAt: number) {
    this.#due = due;
    this.#startedAt = startedAt;
    this.#changedAt = startedAt;
  }

  get gone(): number {
    return this.#gone;
  }

  /** When more were gone than before. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /** So many are gone now, as far as one knows: never fewer than before. */
  note(gone: number, now: number): BacklogSample {
    if (gone > this.#gone) {
      if (this.#gone === 0) this.#firstGoneAt = now;
      this.#gone = gone;
      this.#changedAt = now;
    }
    const due = this.#due.countBy(now);
    const overdue = Math.max(0, due - this.#gone);
    this.#mostOverdue = Math.max(this.#mostOverdue, overdue);
    return { atMs: this.#sinceStart(now), due, gone: this.#gone, overdue };
  }

  /** @param lastGoneAt undefined: some are left */
  report(seenBy: ExpiryReport['seenBy'], lastGoneAt: number | undefined): ExpiryReport {
    const seconds = lastGoneAt === undefined ? Number.NaN : (lastGoneAt - this.#firstGoneAt) / 1000;
    return {
      leases: this.#due.count,
      firstDueMs: this.#sinceStart(this.#due.first),
      lastDueMs: this.#sinceStart(this.#due.last),
      lastGoneMs: lastGoneAt === undefined ? undefined : this.#sinceStart(lastGoneAt),
      left: this.#due.count - this.#gone,
      mostOverdue: this.#mostOverdue,
      gonePerSec: seconds > 0 ? Math.round(this.#due.count / seconds) : undefined,
      seenBy,
    };
  }

  #sinceStart(at: number): number {
    return Math.round(at - this.#startedAt);
  }
}
