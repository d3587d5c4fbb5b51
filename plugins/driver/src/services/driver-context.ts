import type { Finding } from '@etcdperf/core/load';

/** Whom a service tells what. */
export interface DriverContext {
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** What is being done now, for whoever waits. */
  readonly onStep: (text: string) => void;
  /** What stays to be read. */
  readonly onInfo: (text: string) => void;
  readonly onFinding: (finding: Finding) => void;
}
