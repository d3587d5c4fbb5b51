import type { Filter } from '../../filters/filter.ts';
import type { LayoutWishes } from '../../formats/dump-layout.ts';
import type { LiveProgress, LiveRequest } from '../live/live-request.ts';

export interface DumpSettings
  extends Pick<
    LiveRequest,
    'access' | 'prefixes' | 'revision' | 'sinceRevision' | 'target' | 'parallel' | 'timeoutMs'
  > {
  /** A file, or `-`: standard output. */
  readonly output: string;
  /** A file that is there is replaced. */
  readonly isForced: boolean;
  readonly layout: LayoutWishes;
  readonly filters: readonly Filter[];
  /** Begins again at a newer revision when the one that it reads at is compacted away. */
  readonly isRestarted: boolean;
}

export interface DumpProgress extends LiveProgress {
  readonly revision: number;
}

export interface DumpContext {
  readonly signal: AbortSignal;
  onStep(text: string): void;
  /** Whenever a page was read. */
  onProgress(progress: DumpProgress): void;
  /** A line that stays. */
  onInfo(text: string): void;
}
