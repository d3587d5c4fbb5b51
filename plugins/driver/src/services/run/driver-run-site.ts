import type { ClusterAccess, ClusterSurvey } from '@etcdperf/core/etcd';
import type { Finding } from '@etcdperf/core/load';
import type { Run } from '@etcdperf/core/runs';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { DriverParts } from '../../operations/driver-parts.ts';
import type { WriteCounter } from '../../operations/write-counter.ts';
import type { DriverControl } from '../control/driver-control.ts';
import type { DriverContext } from '../driver-context.ts';
import type { WritePause } from '../driver-report.ts';
import type { DriverSettings } from '../driver-settings.ts';
import type { Verifier } from '../verify/open-verifier.ts';
import type { TreeWatchSource } from '../watches/open-tree-watches.ts';
import type { DriverRecorder } from './driver-recorder.ts';
import type { SharedThresholds } from './share-thresholds.ts';

/** Where a driver works: handed to all phases of its run. */
export interface DriverRunSite {
  readonly settings: DriverSettings;
  readonly context: DriverContext;
  /** Only the endpoints of the target: what gets the load. */
  readonly access: ClusterAccess;
  /** What the members said of themselves at the beginning. */
  readonly survey: ClusterSurvey;
  readonly run: Run;
  readonly control: DriverControl;
  /** To be written and read: its values carry checksums where they are verified. */
  readonly space: PatternSpace;
  readonly verifier: Verifier | undefined;
  readonly watches: TreeWatchSource | undefined;
  readonly writes: WriteCounter;
  readonly parts: DriverParts;
  readonly thresholds: SharedThresholds;
  readonly recorder: DriverRecorder;
  /** Grow while the driver runs. */
  readonly pauses: WritePause[];
  readonly findings: Finding[];
  /** What could not be written to the run folder. */
  readonly unwritten: string[];
}
