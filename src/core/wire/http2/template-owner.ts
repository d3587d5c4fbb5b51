/** Who is told about template calls. All calls are synchronous, within the read that brought the answer. */
export interface TemplateOwner {
  /**
   * A call ended.
   *
   * @param startedAt what `send()` was given
   * @param now performance.now() of the read
   * @param outcome `unprocessed`: certainly not carried out; `lost`: nobody knows; else the server's answer
   */
  onDone(startedAt: number, now: number, grpcStatus: number, outcome: 'answered' | 'unprocessed' | 'lost'): void;
  /** The response message, `bytes[start, end)`, valid only during the call. */
  onMessage?(bytes: Buffer, start: number, end: number): void;
  /** All of one read is handled. What is sent now goes out in one write. */
  onBatch(now: number): void;
}
