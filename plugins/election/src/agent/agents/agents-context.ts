import type { AgentsConfig, ElectionKeys } from '../../protocol/index.ts';
import type { EventLog } from '../event-log.ts';
import type { ProblemLog } from '../problem-log.ts';
import type { WallClock } from '../wall-clock.ts';
import type { Tally } from './tally.ts';

/** What all agents of a process share. */
export interface AgentsContext {
  readonly config: AgentsConfig;
  readonly keys: ElectionKeys;
  readonly log: EventLog;
  readonly problems: ProblemLog;
  readonly clock: WallClock;
  readonly tally: Tally;
  /** Aborted when the process is to end. */
  readonly stop: AbortSignal;
}
