import type { Compare } from '@etcdperf/core/wire';

/** What a driver must know to go on where another process of its name ended. Small: written at each interval. */
export interface DriverState {
  readonly version: 1;
  readonly name: string;
  /** The process that wrote it. */
  readonly writer: string;
  /** Of the whole workload, as the pattern space prints it: another pattern's state is not taken up. */
  readonly pattern: string;
  /** How many keys the space has: user rules and `keysPerCombination` change it, and all numbers with it. */
  readonly keys: number;
  readonly seed: number;
  /** What `:ip` stood for: a pod that moved has another address, its keys keep theirs. */
  readonly ip: string;
  readonly phase: 'load' | 'steady' | 'done';
  /** Keys before this one are loaded. */
  readonly loaded: number;
  /** Subtrees deleted before this turn are whole again; churn goes on with it. */
  readonly churned: number;
  /** No write with this number or a later one was ever made: reserved ahead of what is used. */
  readonly nextWrite: number;
  /** Since the very start, over all processes. */
  readonly counters: Readonly<Record<string, number>>;
  /** Of the first process, ISO 8601. */
  readonly startedAt: string;
  readonly savedAt: string;
  /** When no process of this name made load: from the last save of one to the start of the next. */
  readonly gaps: readonly Gap[];
}

/** ISO 8601, by the wall clock of whoever wrote it. */
export interface Gap {
  readonly from: string;
  readonly to: string;
}

export interface StateStore {
  /** For people: a file, or a key and its cluster. */
  readonly place: string;
  /** What a user does to have it deleted. */
  readonly howToForget: string;
  /** Undefined where there is none. */
  read(signal: AbortSignal): Promise<DriverState | undefined>;
  /**
   * Replaces it: the first time whoever wrote it, later only what this process wrote itself. Rejects with an
   * OperationError.
   *
   * @param fence must hold in the control cluster, where states are kept there: who lost its registration must not overwrite
   * its successor's state
   */
  write(state: DriverState, fence: readonly Compare[]): Promise<void>;
}
