import type { KeyDistribution, KeySpace, ValueKind } from '@etcdperf/core/workload';

/** Which keys are used, and how they are chosen. */
export interface KeyOptions {
  readonly keys: KeySpace;
  readonly distribution: KeyDistribution;
}

/** Which keys are written, and with what. */
export interface KeyValueOptions extends KeyOptions {
  readonly values: ValueKind;
  readonly valueBytes: number;
}
