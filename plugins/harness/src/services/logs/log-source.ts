/** Where a member's log is. */
export type LogOrigin =
  /** A file on its host. */
  | { readonly kind: 'file'; readonly host: string; readonly path: string }
  /** The journal of its host, where it runs as a systemd unit that etcdperf did not start. */
  | { readonly kind: 'journal'; readonly host: string; readonly unit: string }
  | { readonly kind: 'pod'; readonly namespace: string; readonly pod: string; readonly node: string | undefined }
  /** A file on this machine that was gathered before. */
  | { readonly kind: 'saved'; readonly path: string };

/** Which part of a log is wanted. */
export interface LogWindow {
  /** Unix milliseconds. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Only the newest lines of each member. */
  readonly last?: number | undefined;
}

export interface ReadLogOptions {
  readonly window: LogWindow;
  /** Stay and hand over what comes, until the signal aborts: then it resolves. */
  readonly follow: boolean;
  readonly signal: AbortSignal | undefined;
  /** Whole lines in their order, without line ends. May begin before the window. What this throws ends the reading. */
  readonly onLines: (lines: readonly string[]) => void;
  /** Something that a reader of the log must know: what is lost, where it was taken up again. */
  readonly onNote: (note: string) => void;
}

/** One member's log. */
export interface LogSource {
  readonly member: string;
  readonly origin: LogOrigin;
  /** Throws OperationError where it can't be read. */
  read(options: ReadLogOptions): Promise<void>;
}
