/** Writes what varies of a request, into the place where it lies. */
export interface TemplateFiller {
  /**
   * Called exactly once for each `send()`, before it returns.
   *
   * @param bytes where the request lies, its `template.patchOffset` at `at`; valid only during the call
   * @param tag what `send()` was given
   * @param startedAt what `send()` was given
   */
  fill(bytes: Buffer, at: number, tag: number, startedAt: number): void;
}

/**
 * How a template call ended. `unprocessed`: certainly not carried out; `lost`: nobody knows; else the server's answer,
 * whose status tells.
 */
export type TemplateOutcome = 'answered' | 'unprocessed' | 'lost';

/** Who is told about template calls. All calls are synchronous, within the read that brought the answer. */
export interface TemplateOwner {
  /**
   * A call ended.
   *
   * @param startedAt what `send()` was given
   * @param now performance.now() of the read
   * @param tag what `send()` was given
   * @param message grpc-message, or why there is no answer; '' when it succeeded
   */
  onDone(
    startedAt: number,
    now: number,
    grpcStatus: number,
    outcome: TemplateOutcome,
    tag: number,
    message: string,
  ): void;
  /** The response message, `bytes[start, end)`, valid only during the call; before `onDone()`. */
  onMessage?(tag: number, bytes: Buffer, start: number, end: number): void;
  /** All of one read is handled. What is sent now goes out in one write. */
  onBatch(now: number): void;
}
