import { type ClusterAccess, observeMembers, resolveTarget, type Target } from '@etcdperf/core/etcd';
import {
  combineLoadSources,
  type IntervalSample,
  type LoadEnd,
  type LoadReport,
  type LoadSource,
  type PreflightOptions,
  preflight,
  runLoad,
  type Threshold,
} from '@etcdperf/core/load';
import { createRun } from '@etcdperf/core/runs';
import type { DriverContext } from '../driver-context.ts';
import { IdleLoad } from '../run/idle-load.ts';
import { watchForEndKey } from './watch-for-end-key.ts';

/** How something is to stand, whatever it is. */
export interface StandingSettings {
  /** `driver:leases`. */
  readonly command: string;
  readonly version: string;
  readonly inventory: { readonly path: string; readonly digest: string } | undefined;
  /** The flags, for the manifest; without secrets. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly runsDir: string;
  readonly access: ClusterAccess;
  readonly controlAccess: ClusterAccess;
  readonly target: Target;
  /** It ends when this key is written `true`. */
  readonly endKey: string;
  /** From when it begins; undefined: until the end key. */
  readonly durationMs: number | undefined;
  readonly connections: number;
  readonly timeoutMs: number;
  readonly seed: number;
  readonly thresholds: readonly Threshold[];
  readonly intervalMs: number;
}

/** What is to stand. */
export interface StandingWork<Source extends LoadSource, Extra extends object> {
  readonly expects?: Pick<PreflightOptions, 'ttlSeconds'>;
  /** @param access only the endpoints of the target */
  open(access: ClusterAccess): Source;
  /** What is told of it at each interval, in a line. */
  line(sample: IntervalSample): string;
  /** When it is over: what is to be ended, and what there is to say beyond the figures. Never rejects. */
  conclude(source: Source, report: LoadReport, context: DriverContext): Promise<Extra>;
}

/**
 * Puts something in place (watches, leases), lets it stand until the end key, the end of its time or Ctrl-C, and tells
 * how it fared. Rejects with an InputError when the end key says already that runs are to end, with an OperationError
 * when it can't be put in place.
 */
export async function runStanding<Source extends LoadSource, Extra extends object>(
  settings: StandingSettings,
  work: StandingWork<Source, Extra>,
  context: DriverContext,
): Promise<LoadReport & Extra> {
  const { signal, onStep } = context;
  onStep('looking at the cluster');
  const { access, survey } = await resolveTarget(settings.access, settings.target, signal);
  await using endKey = await watchForEndKey(settings.controlAccess, settings.endKey, signal);
  const findings = await preflight({
    ...work.expects,
    access: settings.access,
    target: settings.target,
    survey,
    signal,
  });
  for (const finding of findings) context.onFinding(finding);
  const run = await createRun(settings);
  await using source = work.open(access);
  const end: LoadEnd =
    settings.durationMs === undefined ? { kind: 'open' } : { kind: 'duration', ms: settings.durationMs };
  const { connections, timeoutMs, seed, command, thresholds, intervalMs } = settings;
  let isStanding = false;
  const report = await runLoad({
    command,
    plan: {
      pace: { kind: 'closed' },
      end,
      warmupMs: 0,
      connections,
      clients: 1,
      maxInFlight: 1,
      timeoutMs,
      threads: 1,
      seed,
    },
    endpoints: access.endpoints,
    source: combineLoadSources([new IdleLoad(end), source]),
    members: observeMembers(settings.access, signal, survey),
    findings,
    thresholds,
    intervalMs,
    run,
    progress: { step: (text) => !isStanding && onStep(text) },
    signal,
    endSignal: endKey.told,
    onInterval: (sample) => {
      isStanding = true;
      onStep(work.line(sample));
    },
  });
  const whole = { ...report, ...(await work.conclude(source, report, context)) };
  run.writeResult(whole);
  return whole;
}
