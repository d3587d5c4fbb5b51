import { openHeldLeases } from '../leases/open-held-leases.ts';
import type { VerificationReport } from '../verify/verification-report.ts';
import type { DriverRunSite } from './driver-run-site.ts';
import { IdleLoad } from './idle-load.ts';
import type { MeasuredPhase } from './load-phase.ts';
import { measurePhase, openParts, planOf } from './measure-phase.ts';
import { missedRates } from './missed-rates.ts';
import { SteadyLoad } from './steady-load.ts';

/** Of requests after an interruption: who has not answered until then will not in time. */
const LAST_TIMEOUT_MS = 1000;
/** After an interruption, for the revocation of leases: beside what else is left to do. */
const RELEASE_MS = 5000;

export interface SteadyPhase extends MeasuredPhase {
  readonly verification: VerificationReport | undefined;
}

/** Churn, reads, watches and leases, all at once; and, while the watches still stand, the verification of it all. */
export async function steadyPhase(site: DriverRunSite): Promise<SteadyPhase> {
  const { context, parts, watches, findings } = site;
  const plan = planOf(site, parts.steady, remainingMs(site));
  const load = new SteadyLoad({
    main: parts.steady.length === 0 ? new IdleLoad(plan.end) : openParts(site, parts.steady, plan),
    beside: [...(watches === undefined ? [] : [watches]), ...leases(site)],
    finish: () => {
      const left = parts.finish();
      if (left === undefined) return undefined;
      const timeoutMs = context.signal.aborted ? Math.min(plan.timeoutMs, LAST_TIMEOUT_MS) : plan.timeoutMs;
      return openParts(site, [left], { ...plan, timeoutMs, end: { kind: 'open' } }, 'end');
    },
    interruption: context.signal,
  });
  await using source = load;
  const sampling = new AbortController();
  const reads = site.verifier?.sampleReads(sampling.signal);
  try {
    const report = await measurePhase(site, { phase: 'steady', title: () => '', plan, source });
    if (load.isLeftUndone)
      findings.push({
        kind: 'other',
        message: 'some subtrees are deleted and not written anew: there was no time left for it',
        hint: 'a driver that loads, or one that resumes, writes them',
      });
    sampling.abort();
    await reads;
    const missed = missedRates(parts.steady, report);
    return { report, missedRates: missed, verification: await verify(site) };
  } finally {
    sampling.abort();
  }
}

/** What processes before this one have left of the duration. */
function remainingMs({ settings, control }: DriverRunSite): number | undefined {
  const { durationMs } = settings.workload;
  return durationMs && Math.max(1, durationMs - (control.resumed?.counters.steadyMs ?? 0));
}

/** What is verified at the end. */
export async function verify({ verifier, context }: DriverRunSite): Promise<VerificationReport | undefined> {
  if (verifier === undefined) return undefined;
  context.onStep('verifying what etcd holds');
  return verifier.conclude(context.signal, context.onStep);
}

function leases({ settings, access, context, findings }: DriverRunSite) {
  const { leases: held, connections, timeoutMs } = settings.workload;
  if (held === undefined) return [];
  const onLeft = (left: number) =>
    void findings.push({ kind: 'other', message: `${left} leases are left: they run out within their time to live` });
  const interruption = context.signal;
  const source = openHeldLeases({ access, leases: held, connections, timeoutMs, end: 'revoke', interruption, onLeft });
  interruption.addEventListener('abort', () => void source.release(AbortSignal.timeout(RELEASE_MS)), { once: true });
  return [source];
}
