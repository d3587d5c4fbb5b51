import type { LoadFigures } from '@etcdperf/core/load';
import type { Workload } from '@etcdperf/core/workload';
import { driverParts } from '../operations/driver-parts.ts';
import { WriteCounter } from '../operations/write-counter.ts';
import { openVerifier, type Verifier } from '../services/verify/open-verifier.ts';
import type { VerificationReport } from '../services/verify/verification-report.ts';
import { openTreeWatches, type TreeWatchSource } from '../services/watches/open-tree-watches.ts';
import { WatchedNodes } from '../services/watches/watched-nodes.ts';
import { openSpace, WORKLOAD } from './driver-space.ts';
import { runParts, startParts } from './run-parts.ts';

export interface VerifiedRunOptions {
  /** Of the verifier's reads. */
  readonly endpoints: readonly string[];
  /** Of the load; default: the same. */
  readonly loadEndpoints?: readonly string[];
  /** Of the watchers; default: the load's. */
  readonly watchEndpoints?: readonly string[];
  readonly workload: Partial<Workload> & { readonly pattern: string };
  readonly samplePercent?: number;
  /** While it goes on. */
  meanwhile(run: VerifiedRun): Promise<void>;
}

export interface VerifiedRun {
  readonly verifier: Verifier;
  readonly watches: TreeWatchSource;
  /** Puts of the steady load that were acknowledged so far. */
  puts(): number;
  /** Writes that were begun so far. */
  begun(): number;
}

/** Loads all keys, then churns and watches them, and verifies it all: what a driver does, without its files. */
export async function runVerified(
  options: VerifiedRunOptions,
): Promise<{ readonly report: VerificationReport; readonly figures: LoadFigures }> {
  const { endpoints, loadEndpoints = endpoints, watchEndpoints = loadEndpoints, samplePercent = 100 } = options;
  const workload: Workload = { ...WORKLOAD, ...options.workload };
  const { signal } = new AbortController();
  await using verifier = openVerifier({
    access: { endpoints: [...endpoints] },
    space: openSpace(workload.pattern),
    verification: { samplePercent },
    seed: workload.seed,
    firstWrite: 0,
    timeoutMs: 5000,
    readsPerSec: 100,
  });
  await verifier.prepare(signal);
  const { space, observer } = verifier;
  const nodes = new WatchedNodes(space, workload.watches!);
  await using watches: TreeWatchSource = openTreeWatches({
    access: { endpoints: [...watchEndpoints] },
    space,
    nodes,
    connections: 2,
    observer: verifier.openWatches(nodes, () => watches.isWhole),
  });
  const writes = new WriteCounter();
  const parts = driverParts(workload, space, writes, observer);
  const { timeoutMs } = workload;
  await runParts(loadEndpoints, [parts.ramp!], { timeoutMs });
  await watches.prepare(signal);
  const sampling = new AbortController();
  const reads = verifier.sampleReads(sampling.signal);
  const steady = await startParts(loadEndpoints, parts.steady, { timeoutMs });
  const puts = () => parts.steady.reduce((sum, { operation }) => sum + (operation.counters?.().puts ?? 0), 0);
  try {
    await options.meanwhile({ verifier, watches, puts, begun: () => writes.nextWrite });
  } finally {
    sampling.abort();
    await reads;
    await steady.end();
  }
  const figures = await steady.over;
  const left = parts.finish();
  if (left !== undefined) await runParts(loadEndpoints, [left], { timeoutMs });
  return { report: await verifier.conclude(signal), figures };
}
