import type { LoadReport } from '@etcdperf/core/load';
import type { MissedPartRate } from '../driver-report.ts';
import type { DriverRunSite } from './driver-run-site.ts';
import { measurePhase, openParts, planOf } from './measure-phase.ts';
import { missedRates } from './missed-rates.ts';

/** What a phase came to. */
export interface MeasuredPhase {
  readonly report: LoadReport;
  readonly missedRates: readonly MissedPartRate[];
}

/** Writes all keys that are not there yet. Undefined where none are to be written. */
export async function loadKeys(site: DriverRunSite): Promise<MeasuredPhase | undefined> {
  const { parts, space } = site;
  if (parts.ramp === undefined) return undefined;
  const ramp = [parts.ramp];
  const plan = planOf(site, ramp, undefined);
  await using source = openParts(site, ramp, plan);
  const title = () => `loading, ${parts.progress().loaded} of ${space.size} keys: `;
  const report = await measurePhase(site, { phase: 'load', title, plan, source });
  return { report, missedRates: missedRates(ramp, report, report.durationMs - report.drainMs) };
}
