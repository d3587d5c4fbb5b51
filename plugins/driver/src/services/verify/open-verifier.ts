import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { PatternSpace, Verification } from '@etcdperf/core/workload';
import { ClusterVerifier } from './cluster-verifier.ts';
import { Findings } from './findings.ts';
import { FollowedKeys } from './followed-keys.ts';
import { KeyLedger } from './key-ledger.ts';
import { planMemory } from './plan-memory.ts';
import { stampAlphabet } from './stamp-alphabet.ts';
import { StampCodec } from './stamp-codec.ts';
import { StampedSpace } from './stamped-space.ts';
import { StampedValues } from './stamped-values.ts';
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
  /** Of what is kept about keys and writes; fewer keys are followed when it isn't enough. Default 96 MiB. */
  readonly memoryBytes?: number | undefined;
  /** Reads during the run. Default 20. */
  readonly readsPerSec?: number | undefined;
  /** How long nothing may come from watchers before they are waited for no longer. Default 15,000. */
  readonly silenceMs?: number | undefined;
  /** Findings and gaps that are kept with all they say; the others are counted. Default 100. */
  readonly mostFindings?: number | undefined;
}

/** Checks what etcd promised a driver. Nobody else may write keys of the pattern meanwhile. */
export interface Verifier extends AsyncDisposable {
  /** The space to write: its values carry number and checksum of their write in their last bytes. */
  readonly space: PatternSpace;
  /** To be told all writes to the space. */
  readonly observer: WriteObserver;
  /**
   * To be told before any watch is created, at most once.
   *
   * @param areAllInPlace asked at the very end: whether all watches stand that etcd did not end, so that an event that
   *   has not come is lost. Without it such events are told as not delivered.
   */
  openWatches(nodes: WatchedNodes, areAllInPlace?: () => boolean): WatchObserver;
  /** Connects, and notes the store's revision: before the first write. Rejects with a WireError. */
  prepare(signal: AbortSignal): Promise<void>;
  /** Reads some keys now and then, and looks for lost events, until the signal is aborted. Never rejects. */
  sampleReads(signal: AbortSignal): Promise<void>;
  /**
   * After the last write has its outcome and while the watches still stand: reads all followed keys, waits for what
   * watchers are still to tell, and judges. An aborted signal ends it early, as `incomplete`. Never rejects.
   *
   * @param onStep what it is at, for people
   */
  conclude(signal: AbortSignal, onStep?: (text: string) => void): Promise<VerificationReport>;
}

const DEFAULT_MEMORY_BYTES = 96 * 2 ** 20;

/** Throws InputError where the pattern's values are too short to be checked. Nothing is connected yet. */
export function openVerifier(options: VerifierOptions): Verifier {
  const { space, verification, seed, firstWrite } = options;
  const codec = new StampCodec(stampAlphabet(space.values), space.values.minBytes);
  const memory = planMemory(options.memoryBytes ?? DEFAULT_MEMORY_BYTES);
  const wanted = Math.max(1, Math.ceil((space.size * verification.samplePercent) / 100));
  const keys = new FollowedKeys(space.size, Math.min(wanted, memory.keys), seed);
  const findings = new Findings(space, options.mostFindings ?? 100);
  const ledger = new KeyLedger({ keys, codec, findings, firstWrite, mostOpenPuts: memory.openPuts });
  return new ClusterVerifier({
    ...options,
    readsPerSec: options.readsPerSec ?? 20,
    silenceMs: options.silenceMs ?? 15_000,
    space: new StampedSpace(space, new StampedValues(space.values, codec)),
    ledger,
    mostAwaited: memory.awaitedEvents,
  });
}
