import { type MemberObserver, type MemberWindow, observeMembers } from '@etcdperf/core/etcd';
import {
  type LoadPart,
  type LoadPlan,
  type LoadReport,
  type LoadSource,
  measureLoad,
  openMixedLoad,
} from '@etcdperf/core/load';
import type { DriverPhase } from './driver-recorder.ts';
import type { DriverRunSite } from './driver-run-site.ts';
import { someTimeAfter } from './some-time-after.ts';
import { tellUnwritten } from './tell-unwritten.ts';

interface PhaseOptions {
  readonly phase: DriverPhase;
  /** What is being done, in front of each interval's line. */
  readonly title: () => string;
  readonly plan: LoadPlan;
  readonly source: LoadSource;
}

/** One phase of a driver's run, from its preparation to its report. Resolves and rejects as `measureLoad` does. */
export async function measurePhase(site: DriverRunSite, options: PhaseOptions): Promise<LoadReport> {
  const { settings, context, access, survey, run, control, recorder } = site;
  const { phase, title, plan, source } = options;
  recorder.begin(phase);
  const report = await measureLoad({
    command: settings.command,
    plan,
    endpoints: access.endpoints,
    source,
    members: hurried(observeMembers(settings.access, context.signal, survey), context.signal),
    findings: [],
    thresholds: site.thresholds[phase],
    intervalMs: settings.intervalMs,
    run,
    ...(phase === 'load' && { name: 'ramp' }),
    moreWith: 'another driver beside this one, which shares the rates',
    progress: { step: (text) => context.onStep(`${title()}${text}`) },
    signal: context.signal,
    endSignal: control.ended,
    onInterval: (sample) => {
      recorder.interval(phase, sample);
      save(site, phase);
    },
    onUnwritten: (error) => tellUnwritten(site, error),
  });
  recorder.end(phase, report);
  save(site, phase);
  // Rates are held or missed part by part.
  return { ...report, missedRate: undefined };
}

/** After an interruption, until members must have told their figures. */
const LAST_FIGURES_MS = 7500;

/** After an interruption a member that does not answer must not hold up the report. */
function hurried(members: MemberObserver, interruption: AbortSignal): MemberObserver {
  // From the interruption on, whenever that is.
  const late = someTimeAfter(interruption, LAST_FIGURES_MS);
  return {
    start: () => members.start(),
    async finish() {
      using given = late;
      const tooLate = new Promise<readonly MemberWindow[]>((resolve) => {
        given.signal.addEventListener('abort', () => resolve([]), { once: true });
      });
      return Promise.race([members.finish(), tooLate]);
    },
  };
}

/** So that the next process of this name can go on from here. */
function save({ control, parts, writes, recorder }: DriverRunSite, phase: DriverPhase): void {
  control.save({ phase, ...parts.progress(), nextWrite: writes.nextWrite, counters: recorder.counters });
}

/** Sends the requests of parts, and pauses while etcd takes no writes, unless told to end then. */
export function openParts(
  site: DriverRunSite,
  parts: readonly LoadPart[],
  plan: LoadPlan,
  noSpace: 'pause' | 'end' = 'pause',
): LoadSource {
  const { settings, context, access, pauses, findings } = site;
  return openMixedLoad({
    access,
    plan,
    parts,
    reconnectAfter: settings.workload.reconnectAfter,
    noSpace,
    onPause: (reason) => {
      pauses.push({ from: new Date().toISOString(), to: undefined, reason });
      const finding = {
        kind: 'alarm' as const,
        message: `${reason}; the driver makes none until the alarm is disarmed`,
        hint: 'compact, defragment, and disarm the NOSPACE alarm (etcdctl alarm disarm)',
      };
      // The report lists each pause with its times.
      if (!findings.some(({ message }) => message === finding.message)) findings.push(finding);
      context.onFinding(finding);
    },
    onResume: () => {
      const last = pauses.pop();
      if (last !== undefined) pauses.push({ ...last, to: new Date().toISOString() });
      context.onInfo('etcd takes writes again: the driver goes on');
    },
  });
}

/** How parts are sent together. */
export function planOf(
  { settings: { workload, maxInFlight } }: Pick<DriverRunSite, 'settings'>,
  parts: readonly LoadPart[],
  durationMs: number | undefined,
): LoadPlan {
  const rates = parts.flatMap(({ pace }) => (pace.kind === 'open' ? [pace.ratePerSec] : []));
  const ratePerSec = rates.reduce((sum, rate) => sum + rate, 0);
  const { connections, clients, timeoutMs, seed } = workload;
  return {
    pace: rates.length === 0 ? { kind: 'closed' } : { kind: 'open', ratePerSec },
    end: durationMs === undefined ? { kind: 'open' } : { kind: 'duration', ms: durationMs },
    warmupMs: 0,
    connections,
    clients,
    maxInFlight: rates.length === 0 ? clients : maxInFlight,
    timeoutMs,
    threads: 1,
    seed,
  };
}
