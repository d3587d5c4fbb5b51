import type { Finding, LoadEnding, LoadReport } from '@etcdperf/core/load';
import type { Gap } from './resume/driver-state.ts';
import type { VerificationReport } from './verify/verification-report.ts';

/** Of one kind of request, when its rate could not be held. */
export interface MissedPartRate {
  /** As its series is named. */
  readonly kind: string;
  readonly askedPerSec: number;
  readonly reachedPerSec: number;
  /** Due and never sent. */
  readonly dropped: number;
}

/** While etcd took no writes, and the driver made none. */
export interface WritePause {
  readonly from: string;
  /** Undefined: until the end. */
  readonly to: string | undefined;
  readonly reason: string;
}

/** How a driver came to its end. */
export type DriverEnding =
  | LoadEnding
  /** Told to by the end key. */
  | { readonly kind: 'end-key' }
  /** Another process took its place. */
  | { readonly kind: 'superseded'; readonly reason: string };

/** What a driver did and what came of it: `result.json`, `--json`, and all that the text shows. */
export interface DriverReport {
  /** `driver:run`. */
  readonly command: string;
  readonly runFolder: string;
  readonly startedAt: string;
  readonly name: string;
  readonly ip: string;
  readonly endpoints: readonly string[];
  readonly pattern: string;
  /** How many keys the pattern has. */
  readonly keySpace: number;
  readonly ending: DriverEnding;
  /** Loading the keys; undefined where nothing was to be loaded. */
  readonly ramp: LoadReport | undefined;
  /** All after it; undefined where there was nothing to do. */
  readonly steady: LoadReport | undefined;
  readonly missedRates: readonly MissedPartRate[];
  readonly pauses: readonly WritePause[];
  readonly verification: VerificationReport | undefined;
  /** Since the very start, with what processes before this one counted. */
  readonly counters: Readonly<Record<string, number>>;
  /** When no process of this name made load. */
  readonly gaps: readonly Gap[];
  /** Why the run folder is not whole. */
  readonly unwritten: string | undefined;
  readonly csv: { readonly file: string; readonly problem: string | undefined } | undefined;
  readonly findings: readonly Finding[];
}
