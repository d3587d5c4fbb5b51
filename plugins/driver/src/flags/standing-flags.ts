import { chooseRunsDir, reportFlags, targetFlags, targetFrom } from '@etcdperf/core/cli';
import type { Target } from '@etcdperf/core/etcd';
import type { Threshold } from '@etcdperf/core/load';
import type { DriverSite } from '../driver-command.ts';
import type { StandingSettings } from '../services/stand/run-standing.ts';
import { endKeyFlag, siteFlags } from './site-flags.ts';
import { workloadFlags } from './workload-flags.ts';

const { interval, threshold, precise, 'runs-dir': runsDir } = reportFlags;
const { conns, 'client-timeout': timeout } = workloadFlags;

/** What commands understand that put something in place and let it stand. */
export const standingFlags = {
  ...siteFlags,
  ...targetFlags,
  ...endKeyFlag,
  conns,
  'client-timeout': timeout,
  interval,
  threshold,
  precise,
  'runs-dir': runsDir,
};

/** The values of `standingFlags`. */
export interface StandingFlagValues {
  readonly target?: Target | undefined;
  readonly 'target-leader': boolean;
  readonly 'test-end-key': string;
  readonly interval: number;
  readonly threshold?: readonly Threshold[] | undefined;
  readonly 'runs-dir'?: string | undefined;
}

/** Nothing is touched. */
export async function standingSettingsFrom(
  flags: StandingFlagValues,
  site: DriverSite,
  rest: Pick<StandingSettings, 'command' | 'version' | 'durationMs' | 'connections' | 'timeoutMs' | 'seed'>,
): Promise<StandingSettings> {
  const { 'password-file': _passwordFile, json: _json, ...config } = flags as unknown as Record<string, unknown>;
  const { inventory, access, controlAccess } = site;
  return {
    ...rest,
    inventory,
    config,
    runsDir: await chooseRunsDir(flags, inventory),
    access,
    controlAccess,
    target: targetFrom(flags),
    endKey: flags['test-end-key'],
    thresholds: flags.threshold ?? [],
    intervalMs: flags.interval,
  };
}
