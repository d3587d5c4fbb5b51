import { hostname } from 'node:os';
import { chooseRunsDir, ownAddress, targetFrom } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { Target } from '@etcdperf/core/etcd';
import type { Threshold } from '@etcdperf/core/load';
import type { Workload } from '@etcdperf/core/workload';
import type { DriverSite } from '../driver-command.ts';
import type { DriverSettings, ResumeFrom } from '../services/driver-settings.ts';
import { csvParameters, type OutputFlagValues } from './csv-parameters.ts';
import { type WorkloadFlagValues, withoutWhatIsOff, workloadFrom } from './workload-from.ts';

/** The values of `runFlags`. */
export interface RunFlagValues extends WorkloadFlagValues, OutputFlagValues {
  readonly target?: Target | undefined;
  readonly 'target-leader': boolean;
  readonly name?: string | undefined;
  readonly ip?: string | undefined;
  readonly 'resume-from'?: ResumeFrom;
  readonly 'share-hierarchy': boolean;
  readonly force: boolean;
  readonly 'max-in-flight': number;
  readonly cleanup: boolean;
  readonly 'csv-file'?: string | undefined;
  readonly 'metrics-port'?: number | undefined;
  readonly 'metrics-address': string;
  readonly interval: number;
  readonly threshold?: readonly Threshold[] | undefined;
  readonly 'runs-dir'?: string | undefined;
}

/** The workload of the flags, and of the file that they name. Throws InputError for what is wrong in either, or in both. */
export async function wholeWorkload(flags: WorkloadFlagValues): Promise<Workload> {
  const said = workloadFrom(flags);
  const { completeWorkload, mergeWorkload } = await import('@etcdperf/core/workload');
  if (flags.workload === undefined) return completeWorkload(said);
  const { loadWorkload } = await import('@etcdperf/core/config');
  const { presetsFolder } = await import('../services/presets-folder.ts');
  const ofFile = await loadWorkload(flags.workload, presetsFolder);
  return completeWorkload(withoutWhatIsOff(mergeWorkload(ofFile, said), flags));
}

/** Throws InputError for flags that contradict each other; nothing is touched. */
export async function driverSettingsFrom(
  flags: RunFlagValues,
  site: DriverSite,
  { command, version }: Pick<DriverSettings, 'command' | 'version'>,
): Promise<DriverSettings> {
  const workload = await wholeWorkload(flags);
  if (flags.cleanup && workload.load === undefined)
    throw new InputError('the keys are not this driver’s to delete when it doesn’t load them', {
      where: '--cleanup, --skip-init',
    });
  const { inventory, access, controlAccess } = site;
  const { 'csv-file': file, 'stats-interval': statsInterval, 'metrics-port': port } = flags;
  const statsIntervalMs = statsInterval === 'off' ? undefined : statsInterval;
  return {
    command,
    version,
    inventory,
    config: configOf(flags),
    runsDir: await chooseRunsDir(flags, inventory),
    access,
    controlAccess,
    target: targetFrom(flags),
    workload,
    maxInFlight: flags['max-in-flight'],
    name: flags.name ?? hostname(),
    ip: flags.ip ?? ownAddress(),
    endKey: flags['test-end-key'],
    resumeFrom: flags['resume-from'],
    sharesHierarchy: flags['share-hierarchy'] === true,
    isForced: flags.force === true,
    thresholds: flags.threshold ?? [],
    // The file's lines are made of the run folder's.
    intervalMs: Math.min(flags.interval, file === undefined ? flags.interval : (statsIntervalMs ?? flags.interval)),
    csv:
      file === undefined
        ? undefined
        : { file, parameters: csvParameters(workload, flags, access.endpoints), statsIntervalMs },
    metrics: port === undefined ? undefined : { port, host: flags['metrics-address'] },
    staysAfterwards: flags['do-not-exit'] === true,
    isCleanedUp: flags.cleanup === true,
  };
}

/** What the manifest tells of the flags. */
function configOf(flags: object): Readonly<Record<string, unknown>> {
  const { 'password-file': _passwordFile, json: _json, ...config } = flags as Record<string, unknown>;
  // A bare number is per hour for who reads it, and per second for who parsed it.
  const rates = Object.entries(config).filter(([name, value]) => name.endsWith('-rate') && typeof value === 'number');
  return { ...config, ...Object.fromEntries(rates.map(([name, ratePerSec]) => [name, `${ratePerSec}/s`])) };
}
