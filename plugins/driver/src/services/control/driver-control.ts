import type { PatternSpace } from '@etcdperf/core/workload';
import type { DriverSettings } from '../driver-settings.ts';
import type { DriverState } from '../resume/driver-state.ts';
import type { DriverRecord } from './driver-record.ts';

export type ControlSettings = Pick<
  DriverSettings,
  'access' | 'controlAccess' | 'workload' | 'name' | 'ip' | 'endKey' | 'resumeFrom' | 'runsDir'
> & {
  /** Another driver on the same hierarchy is no reason to refuse. */
  readonly sharesHierarchy?: boolean;
};

/** How far this process is. */
export interface DriverProgress {
  readonly phase: 'load' | 'steady';
  /** Keys before this one are loaded. */
  readonly loaded: number;
  /** Subtrees deleted before this turn are whole again. */
  readonly churned?: number;
  /** The number of the next write. */
  readonly nextWrite: number;
  /** Of this process alone: those of its predecessors are added. */
  readonly counters: Readonly<Record<string, number>>;
}

/** Why a run is to end. */
export type RunEnd =
  | { readonly kind: 'end-key' }
  /** This process was cut off from the control cluster for so long that another one took its place. */
  | { readonly kind: 'superseded'; readonly by: DriverRecord };

/**
 * A driver among others: what it takes up, that it lives, when it is to end, how far it is. Disposing of it saves what is
 * yet to be saved, and takes back the registration: an interrupted run can be resumed at once.
 */
export interface DriverControl extends AsyncDisposable {
  /** As registered: a number is added where others have the name. */
  readonly name: string;
  /** With the resumed state's address for `:ip`, whatever this pod's is. */
  readonly space: PatternSpace;
  /** What the last process of this name left, the gap since then included; undefined: the run begins. */
  readonly resumed: DriverState | undefined;
  /** Aborted when the run is to end; `end` says why. */
  readonly ended: AbortSignal;
  readonly end: RunEnd | undefined;
  /**
   * The first that is written, and only to the control cluster: the registration, and the state where it is kept. Rejects
   * with an InputError when another driver of this name lives, or one on the same hierarchy; with an OperationError
   * when it can't be written.
   */
  register(): Promise<void>;
  /** At each interval. Returns at once; never throws: what can't be saved is told, and tried again. */
  save(progress: DriverProgress): void;
  /**
   * The run is over and its results are written: says so to `driver:stop`, and the state is no longer resumed. Never
   * rejects; false: nobody could be told. Not for an interrupted run.
   */
  confirm(progress: DriverProgress, ending: string): Promise<boolean>;
  /** Counters since the very start: this process's and those of its predecessors. */
  totals(counters: Readonly<Record<string, number>>): Record<string, number>;
}
