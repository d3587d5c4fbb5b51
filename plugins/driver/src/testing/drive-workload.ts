import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '@etcdperf/core/load';
import { completeWorkload, type WorkloadParts } from '@etcdperf/core/workload';
import { csvParameters } from '../flags/csv-parameters.ts';
import type { DriverReport } from '../services/driver-report.ts';
import type { DriverSettings } from '../services/driver-settings.ts';
import { type RunDriverContext, runDriver } from '../services/run-driver.ts';

export interface DriveOptions extends Partial<Omit<DriverSettings, 'workload' | 'csv' | 'access'>> {
  readonly endpoints: readonly string[];
  /** Where the run folder and `driver.csv` go. */
  readonly folder: string;
  readonly statsIntervalMs?: number;
  readonly context?: Partial<RunDriverContext>;
}

/** What a driver told, as it told it. */
export interface DriverTold {
  readonly steps: string[];
  readonly infos: string[];
  readonly findings: Finding[];
}

/** A folder for a test; gone when it is disposed of. */
export async function testFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'etcdperf-driver-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Does what `driver:run` would: intervals of 200 ms, and `driver.csv` in the folder. */
export function driveWorkload(
  said: WorkloadParts,
  options: DriveOptions,
): { readonly report: Promise<DriverReport>; readonly told: DriverTold } {
  const { endpoints, folder, statsIntervalMs, context, ...settings } = options;
  const workload = completeWorkload(said);
  const access = { endpoints };
  const told: DriverTold = { steps: [], infos: [], findings: [] };
  const report = runDriver(
    {
      command: 'driver:run',
      version: 'test',
      inventory: undefined,
      config: {},
      runsDir: join(folder, 'runs'),
      access,
      controlAccess: access,
      target: { kind: 'all' },
      workload,
      maxInFlight: 10_000,
      name: 'test',
      ip: '10.0.0.1',
      endKey: '/test/end',
      resumeFrom: undefined,
      sharesHierarchy: false,
      isForced: false,
      thresholds: [],
      intervalMs: 200,
      csv: {
        file: join(folder, 'driver.csv'),
        parameters: csvParameters(workload, { 'test-end-key': '/test/end' }, endpoints),
        statsIntervalMs,
      },
      metrics: undefined,
      staysAfterwards: false,
      isCleanedUp: false,
      ...settings,
    },
    {
      signal: new AbortController().signal,
      onStep: (text) => void told.steps.push(text),
      onInfo: (text) => void told.infos.push(text),
      onFinding: (finding) => void told.findings.push(finding),
      ...context,
    },
  );
  // Whoever waits for it is told.
  report.catch(() => undefined);
  return { report, told };
}
