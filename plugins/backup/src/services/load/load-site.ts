import type { ClusterAccess, ClusterSurvey } from '@etcdperf/core/etcd';
import type { Finding } from '@etcdperf/core/load';
import type { Run } from '@etcdperf/core/runs';
import type { LoadPosition } from './acknowledged-keys.ts';
import type { LoadJournal } from './load-journal.ts';
import type { LoadContext, LoadSettings, LoadTask } from './load-settings.ts';
import type { DumpSource } from './open-dump-source.ts';
import type { ResumedLoad } from './resume-load.ts';

/** Everything that is known when a load begins. */
export interface LoadSite {
  readonly settings: LoadSettings;
  readonly context: LoadContext;
  readonly task: LoadTask;
  readonly source: DumpSource;
  /** Below which keys are put. */
  readonly prefixes: readonly Buffer[];
  /** Only the endpoints of the target. */
  readonly access: ClusterAccess;
  readonly survey: ClusterSurvey;
  readonly findings: readonly Finding[];
  readonly run: Run;
  readonly resumed: ResumedLoad | undefined;
  /** How far earlier processes came. */
  readonly from: LoadPosition;
  /** Undefined: what comes on standard input can't be read again. */
  readonly journal: LoadJournal | undefined;
}
