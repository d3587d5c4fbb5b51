import type { WireClient } from '@etcdperf/core/wire';
import type { ElectionKeys } from '../protocol/index.ts';
import type { EventLog } from './event-log.ts';
import type { ProblemLog } from './problem-log.ts';
import type { WallClock } from './wall-clock.ts';

/** What the parts of a process share. */
export interface ProcessContext {
  readonly client: WireClient;
  readonly keys: ElectionKeys;
  readonly log: EventLog;
  readonly problems: ProblemLog;
  readonly clock: WallClock;
  /** Aborted when the process is to end; its reason is a StopReason. */
  readonly stop: AbortSignal;
}
