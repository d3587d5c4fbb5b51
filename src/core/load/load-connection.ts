/** A connection that lanes stand on: one lane or, in a mixed load, one for each part. */
export interface LoadConnection {
  /** Connects, before any `close()`. Rejects with a WireError, an InputError, or the signal's reason. */
  open(signal: AbortSignal): Promise<void>;
  /** Gives up what was started before `startedBefore` and is not over. */
  expire(startedBefore: number, now: number): void;
  close(): Promise<void>;
}
