import type { LoadReport } from '@etcdperf/core/load';
import type { CsvFile } from '../csv/csv-file.ts';
import type { DriverEnding, DriverReport } from '../driver-report.ts';
import { deleteKeys } from './delete-keys.ts';
import type { DriverRunSite } from './driver-run-site.ts';
import { hasSteadyWork } from './has-steady-work.ts';
import { loadKeys } from './load-phase.ts';
import { steadyPhase, verify } from './steady-phase.ts';
import { tellUnwritten } from './tell-unwritten.ts';

/** All phases of a registered driver, and what is to be said of them: `result.json` and the end of the run folder. */
export async function drive(site: DriverRunSite, csvFile: CsvFile | undefined): Promise<DriverReport> {
  const { settings, context, run, control, space, parts, recorder, writes } = site;
  const startedAt = new Date().toISOString();
  tellResumed(site);
  // A driver that comes back after the end key was written only signs off.
  const ramp = control.ended.aborted ? undefined : await loadKeys(site);
  const goesOn = (ramp === undefined || ramp.report.ending.kind === 'complete') && !control.ended.aborted;
  const steady = goesOn && hasSteadyWork(settings.workload) ? await steadyPhase(site) : undefined;
  const verification = steady === undefined ? await verify(site) : steady.verification;
  if (settings.isCleanedUp) await cleanUp(site);

  const ending = endingOf(site, steady?.report ?? ramp?.report);
  const report: DriverReport = {
    command: settings.command,
    runFolder: run.dir,
    startedAt: ramp?.report.startedAt ?? steady?.report.startedAt ?? startedAt,
    name: control.name,
    ip: control.resumed?.ip ?? settings.ip,
    endpoints: site.access.endpoints,
    pattern: space.text,
    keySpace: space.size,
    ending,
    ramp: ramp?.report,
    steady: steady?.report,
    missedRates: [...(ramp?.missedRates ?? []), ...(steady?.missedRates ?? [])],
    pauses: site.pauses,
    verification,
    counters: control.totals(recorder.counters),
    gaps: control.resumed?.gaps ?? [],
    unwritten: undefined,
    csv: csvFile && { file: csvFile.path, problem: csvFile.problem },
    findings: site.findings,
  };
  const whole = conclude(site, report);
  if (ending.kind === 'complete' || ending.kind === 'end-key' || ending.kind === 'aborted') {
    context.onStep('telling the others that this driver is done');
    const progress = { phase: 'steady' as const, ...parts.progress(), nextWrite: writes.nextWrite };
    await control.confirm({ ...progress, counters: recorder.counters }, endingWords[ending.kind]);
  }
  return whole;
}

function tellResumed({ control, space, context }: DriverRunSite): void {
  const { resumed } = control;
  if (resumed === undefined) return;
  const gap = resumed.gaps.at(-1);
  context.onInfo(
    `${control.name} goes on where it was: ${resumed.loaded} of ${space.size} keys are loaded` +
      (gap === undefined ? '' : `; no load was made from ${gap.from} to ${gap.to}`),
  );
}

const endingWords = { complete: 'duration', 'end-key': 'end key', aborted: 'threshold missed' } as const;

/** Writes the result; where the run folder can't be written (any more), that is part of the report. */
function conclude(site: DriverRunSite, report: DriverReport): DriverReport {
  const { run, unwritten } = site;
  try {
    run.writeResult({ ...report, unwritten: unwritten[0] });
    run.finish({ status: statusOf(report.ending) });
  } catch (error) {
    tellUnwritten(site, error as Error);
  }
  return { ...report, unwritten: unwritten[0] };
}

function endingOf({ control, context }: DriverRunSite, last: LoadReport | undefined): DriverEnding {
  if (context.signal.aborted) return { kind: 'interrupted' };
  const { end } = control;
  if (end?.kind === 'superseded')
    return {
      kind: 'superseded',
      reason: `${end.by.host} (process ${end.by.pid}) took this driver’s place while it was cut off`,
    };
  if (end?.kind === 'end-key') return { kind: 'end-key' };
  return last?.ending ?? { kind: 'complete' };
}

function statusOf({ kind }: DriverEnding): 'done' | 'failed' | 'interrupted' {
  switch (kind) {
    case 'complete':
    case 'end-key':
    case 'aborted':
      return 'done';
    case 'stopped':
    case 'superseded':
      return 'failed';
    case 'interrupted':
      return 'interrupted';
    default:
      return kind satisfies never;
  }
}

/** Tells when it could not: what was measured is no worse for it. */
async function cleanUp(site: DriverRunSite): Promise<void> {
  site.context.onStep('deleting all keys of the pattern');
  try {
    await deleteKeys(site.access, site.space);
  } catch (error) {
    const finding = { kind: 'other' as const, message: `what was written is not deleted: ${(error as Error).message}` };
    site.findings.push(finding);
    site.context.onFinding(finding);
  }
}
