/** Since when a candidate knows that the office is vacant. */
export interface Vacancy {
  /** The start of the process, or when it was notified of the last master's end: unix microseconds. */
  readonly sinceUs: number;
  /** Whose office it was; null if nobody's that we know of. */
  readonly from: string | null;
}
