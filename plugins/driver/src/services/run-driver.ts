import { resolveTarget } from '@etcdperf/core/etcd';
import { createRun } from '@etcdperf/core/runs';
import { openPatternSpace, type PatternSpace, parsePattern } from '@etcdperf/core/workload';
import { checkWorkload } from '../operations/check-workload.ts';
import { driverParts } from '../operations/driver-parts.ts';
import { WriteCounter } from '../operations/write-counter.ts';
import { openDriverControl } from './control/open-driver-control.ts';
import { CsvFile } from './csv/csv-file.ts';
import type { DriverContext } from './driver-context.ts';
import type { DriverReport } from './driver-report.ts';
import type { DriverSettings } from './driver-settings.ts';
import { DriverMetrics } from './metrics/driver-metrics.ts';
import { renderMetrics } from './metrics/exposition.ts';
import { drive } from './run/drive.ts';
import { DriverRecorder } from './run/driver-recorder.ts';
import { lookAhead } from './run/look-ahead.ts';
import { shareThresholds } from './run/share-thresholds.ts';
import { stay } from './run/stay.ts';
import { tellAll } from './run/tell-all.ts';
import { openVerifier } from './verify/open-verifier.ts';
import { openTreeWatches, type TreeWatchSource } from './watches/open-tree-watches.ts';
import { WatchedNodes } from './watches/watched-nodes.ts';

export interface RunDriverContext extends DriverContext {
  /** The summary is written; only staying is left. */
  readonly onReport?: (report: DriverReport) => void;
}

/**
 * One driver from its pattern to its summary: the first look at the cluster, loading, everything that goes on at once
 * after it, verification. Ends after the workload's duration, with the end key, or with the context's signal; the report
 * tells which. Rejects with an InputError, with nothing written, for what can't be done as asked, and with an
 * OperationError when nothing could be measured.
 */
export async function runDriver(settings: DriverSettings, context: RunDriverContext): Promise<DriverReport> {
  const { workload, csv } = settings;
  const pattern = parsePattern(workload.pattern, workload.rules);
  const { seed, keysPerCombination, valueBytes } = workload;
  const openSpace = (ip: string) =>
    openPatternSpace(pattern, { ip, seed, keysPerCombination, ...(valueBytes !== undefined && { valueBytes }) });
  const space = openSpace(settings.ip);
  checkWorkload(workload, space);

  using csvFile = csv === undefined ? undefined : CsvFile.open(csv.file);
  const { name, ip } = settings;
  const metrics = new DriverMetrics({ name, ip, pattern: workload.pattern }, space.size);
  await using server = settings.metrics && (await serve(settings.metrics, metrics));
  if (server !== undefined) context.onInfo(`metrics: ${server.url}`);

  const recorder = new DriverRecorder({
    csv: csv === undefined || csvFile === undefined ? undefined : { file: csvFile, settings: csv },
    metrics,
    keySpace: space.size,
    onCsvProblem: (problem) => context.onInfo(`warning: ${problem}; the run goes on, and its summary is shown`),
  });
  const onReport = (report: DriverReport) => {
    metrics.enter('done');
    context.onReport?.(report);
  };
  const report = await runAmongOthers(settings, { ...context, onReport }, { openSpace, recorder, csvFile });
  if (settings.staysAfterwards) await stay(context);
  return report;
}

async function serve(where: NonNullable<DriverSettings['metrics']>, metrics: DriverMetrics) {
  // On demand: node's HTTP server brings 50 ms of start-up with it.
  const { serveMetrics } = await import('./metrics/metrics-server.ts');
  return serveMetrics(where, () => renderMetrics(metrics.families()));
}

interface Outputs {
  readonly openSpace: (ip: string) => PatternSpace;
  readonly recorder: DriverRecorder;
  readonly csvFile: CsvFile | undefined;
}

async function runAmongOthers(
  settings: DriverSettings,
  context: RunDriverContext,
  { openSpace, recorder, csvFile }: Outputs,
): Promise<DriverReport> {
  const { workload } = settings;
  const { signal, onStep } = context;
  onStep('looking at the cluster');
  const { access, survey } = await resolveTarget(settings.access, settings.target, signal);
  await using control = await openDriverControl(settings, openSpace, context);
  const { verification, seed, timeoutMs } = workload;
  const firstWrite = control.resumed?.nextWrite ?? 0;
  await using verifier =
    verification && openVerifier({ access, space: control.space, verification, seed, firstWrite, timeoutMs });
  const space = verifier?.space ?? control.space;
  const findings = await lookAhead(settings, context, { space, control, survey });

  const nodes = workload.watches && new WatchedNodes(space, workload.watches);
  const { connections } = workload;
  const watches: TreeWatchSource | undefined =
    nodes &&
    openTreeWatches({
      access,
      space,
      nodes,
      connections,
      observer: verifier?.openWatches(nodes, () => watches?.isWhole === true),
    });
  const writes = new WriteCounter(firstWrite);
  const observer = tellAll([verifier?.observer, watches?.writes]);
  const from = { loaded: control.resumed?.loaded ?? 0, churned: control.resumed?.churned ?? 0 };
  const parts = driverParts(workload, space, writes, observer, from);
  const thresholds = shareThresholds(settings, parts);
  const common = { settings, context, access, survey, control, space, verifier, watches, writes, parts, thresholds };

  const run = await createRun(settings);
  try {
    await verifier?.prepare(signal);
    await control.register();
    const report = await drive({ ...common, run, recorder, findings, pauses: [], unwritten: [] }, csvFile);
    // What is left, to sign off, can take its time where etcd does not answer.
    context.onReport?.(report);
    return report;
  } catch (error) {
    run.finish({ status: signal.aborted ? 'interrupted' : 'failed' });
    throw error;
  }
}
