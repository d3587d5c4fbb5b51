import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { PatternSpace, Verification } from '@etcdperf/core/workload';
import type { VerificationReport } from './verification-report.ts';
import type { WatchedNodes, WatchObserver } from './watch-observer.ts';
import type { WriteObserver } from './write-observer.ts';

export interface VerifierOptions {
  readonly access: ClusterAccess;
  readonly space: PatternSpace;
  readonly verification: Verification;
  readonly seed: number;
  /** No write of this run has a lower number: what lower ones left there is of an earlier process. */
  readonly firstWrite: number;
  /** Of each read. */
  readonly timeoutMs: number;
  /** Of what is kept about keys and writes; fewer keys are followed when it isn't enough. Default 64 MiB. */
  readonly memoryBytes?: number;
  /** Reads during the run. Default 20. */
  readonly readsPerSec?: number;
  /** Findings and gaps that are kept with all they say; the others are counted. Default 100. */
  readonly mostFindings?: number;
}

/** Checks what etcd promised a driver. Nobody else may write keys of the pattern meanwhile. */
export interface Verifier extends AsyncDisposable {
  /** The space to write: its values carry number and checksum of their write in their last bytes. */
  readonly space: PatternSpace;
  /** To be told all writes to the space. */
  readonly observer: WriteObserver;
  /** To be told before any watch is created, at most once. */
  openWatches(nodes: WatchedNodes): WatchObserver;
  /** Connects, and notes the store's revision: before the first write. Rejects with a WireError. */
  prepare(signal: AbortSignal): Promise<void>;
  /** Reads some keys now and then until the signal is aborted. Never rejects. */
  sampleReads(signal: AbortSignal): Promise<void>;
  /**
   * After the last write has its outcome and while the watches still stand: waits for what they are still to tell, reads
   * all followed keys, and judges. An aborted signal ends it early, as `incomplete`. Never rejects.
   *
   * @param onStep what it is at, for people
   */
  conclude(signal: AbortSignal, onStep?: (text: string) => void): Promise<VerificationReport>;
}

/** Throws InputError where the pattern's values are too short to be checked. Nothing is connected yet. */
export function openVerifier(options: VerifierOptions): Verifier {
  const { space } = options;
  const ignore = () => {};
  return {
    space,
    observer: { onPutSent: ignore, onPutEnded: ignore, onDeleteSent: ignore, onDeleteEnded: ignore },
    openWatches: () => ({ onEvent: ignore, onGap: ignore, onEnded: ignore, onAllInPlace: ignore }),
    prepare: async () => {},
    sampleReads: async () => {},
    conclude: async () => ({
      verdict: 'incomplete',
      why: ['nothing is checked yet'],
      followedKeys: 0,
      ofKeys: space.size,
      checkedWrites: 0,
      checkedReads: 0,
      readAtEnd: 0,
      checkedEvents: 0,
      unknownWrites: 0,
      findings: [],
      counts: {},
      gaps: { count: 0, first: [] },
    }),
    [Symbol.asyncDispose]: async () => {},
  };
}
