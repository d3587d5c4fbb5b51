import type { ControlSettings, DriverProgress } from '../control/driver-control.ts';
import type { DriverRecord } from '../control/driver-record.ts';
import { addCounters } from '../run/add-counters.ts';
import type { DriverState } from './driver-state.ts';

/** So many writes beyond those of the last save can have been made: 10 s of 100,000 a second. */
const RESERVED_WRITES = 1_000_000;

export interface StateMakerOptions {
  readonly settings: Pick<ControlSettings, 'name' | 'ip' | 'workload'>;
  readonly record: DriverRecord;
  /** Keys of the space. */
  readonly keys: number;
  readonly resumed: DriverState | undefined;
}

/** Makes states of what this process did, on top of what its predecessors did. */
export class StateMaker {
  readonly #options: StateMakerOptions;

  constructor(options: StateMakerOptions) {
    this.#options = options;
  }

  totals(counters: Readonly<Record<string, number>>): Record<string, number> {
    return addCounters(this.#options.resumed?.counters ?? {}, counters);
  }

  /** What is known before this process did anything. */
  first(savedAt: string): DriverState {
    const { resumed, record } = this.#options;
    const { phase, loaded, churned, nextWrite } = resumed ?? {
      phase: record.phase,
      loaded: 0,
      churned: 0,
      nextWrite: 0,
    };
    const state = this.make({ phase: 'load', loaded, churned, nextWrite, counters: {} }, savedAt);
    return { ...state, phase, counters: resumed?.counters ?? {} };
  }

  make({ phase, loaded, churned = 0, nextWrite, counters }: DriverProgress, savedAt: string): DriverState {
    const { settings, record, keys, resumed } = this.#options;
    return {
      version: 1,
      name: settings.name,
      writer: record.id,
      pattern: record.pattern,
      keys,
      seed: settings.workload.seed,
      ip: resumed?.ip ?? settings.ip,
      phase,
      loaded,
      churned,
      nextWrite: nextWrite + RESERVED_WRITES,
      counters: this.totals(counters),
      startedAt: resumed?.startedAt ?? record.startedAt,
      savedAt,
      gaps: resumed?.gaps ?? [],
    };
  }
}
