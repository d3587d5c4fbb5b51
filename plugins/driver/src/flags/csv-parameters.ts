import type { Workload } from '@etcdperf/core/workload';
import type { Parameter } from '../services/csv/csv-columns.ts';
import type { WorkloadFlagValues } from './workload-from.ts';

/** What else the parameters of the results file tell. */
export interface OutputFlagValues {
  readonly 'do-not-exit'?: boolean | undefined;
  readonly 'file-comment'?: string | undefined;
  readonly 'stats-interval'?: number | 'off' | undefined;
  readonly 'test-end-key': string;
  readonly verbose?: boolean | undefined;
}

/**
 * The parameters of the results file, in the units that they always had: rates per hour, -1 is off. What is off still
 * says how it was described by flags, or its default.
 */
export function csvParameters(
  workload: Workload,
  flags: WorkloadFlagValues & OutputFlagValues,
  endpoints: readonly string[],
): Readonly<Record<Parameter, string>> {
  const { subtreeChurn, valueChurn, reads, watches, load, valueBytes } = workload;
  const interval = flags['stats-interval'];
  const values: Record<Parameter, string | number | boolean> = {
    'churn-level': subtreeChurn?.level ?? flags['churn-level'] ?? 1,
    'churn-level-pct': subtreeChurn?.percent ?? flags['churn-level-pct'] ?? 10,
    'churn-level-rate': perHour(subtreeChurn?.ratePerSec),
    'churn-val-rate': perHour(valueChurn?.ratePerSec),
    'client-timeout': `${workload.timeoutMs / 1000}s`,
    clients: workload.clients,
    conns: workload.connections,
    'do-not-exit': flags['do-not-exit'] === true,
    endpoints: endpoints.join(','),
    'etcd-reconnect-count': workload.reconnectAfter,
    'file-comment': flags['file-comment'] ?? '',
    'full-get-read': reads?.full ?? flags['full-get-read'] === true,
    'get-keys-only': reads?.keysOnly ?? flags['get-keys-only'] === true,
    'get-level': reads?.level ?? flags['get-level'] ?? 1,
    'get-rate': perHour(reads?.ratePerSec),
    pattern: workload.pattern,
    'put-rate': load?.ratePerSec === undefined ? 0 : perHour(load.ratePerSec),
    'serializable-gets': reads?.serializable ?? flags['serializable-gets'] === true,
    'skip-init': load === undefined,
    'stats-interval': interval === undefined || interval === 'off' ? -1 : interval / 1000,
    'test-end-key': flags['test-end-key'],
    total: flags.total ?? workload.keysPerCombination,
    'val-spec': valueBytes === undefined ? '0,0' : `${valueBytes.min},${valueBytes.max}`,
    verbose: flags.verbose === true,
    'watch-counts-per-level': watches?.perLevel.map((count) => (count === 'every' ? 'n' : count)).join(',') ?? '',
    'watch-prefix-get-interval': watches?.rereadIntervalMs === undefined ? -1 : watches.rereadIntervalMs / 1000,
    'watch-with-prefix': watches?.prefix ?? flags['watch-with-prefix'] === true,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])) as Record<
    Parameter,
    string
  >;
}

function perHour(ratePerSec: number | undefined): number {
  return ratePerSec === undefined ? -1 : Math.round(ratePerSec * 3600 * 1000) / 1000;
}
