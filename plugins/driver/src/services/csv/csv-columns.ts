/**
 * What the lines of the file begin with and end with: spreadsheets of many years know these by their place. New
 * statistics come between them.
 */
const STATISTICS = [
  'test',
  'startTime',
  'duration (ms)',
  'puts',
  'puts/sec',
  'deletes',
  'deletes/sec',
  'client deletes',
  'client deletes/sec',
  'gets',
  'gets/sec',
  'client gets',
  'client gets/sec',
  'key space',
  'errors',
  'Puts mean RT(μs)',
  'Puts min RT(μs)',
  'Puts max RT(μs)',
  'Dels mean RT(μs)',
  'Dels min RT(μs)',
  'Dels max RT(μs)',
  'Gets mean RT(μs)',
  'Gets min RT(μs)',
  'Gets max RT(μs)',
  'Reconnects',
  'Reconnect mean RT(μs)',
  'Reconnect min RT(μs)',
  'Reconnect max RT(μs)',
  'puts bytes/sec',
  'gets bytes/sec',
  'watchers',
  'watch events',
  'watch events/sec',
  'prefix gets',
  'prefix gets/sec',
  'client prefix gets',
  'client prefix gets/sec',
  'Prefix gets mean RT(μs)',
  'Prefix gets min RT(μs)',
  'Prefix gets max RT(μs)',
  'prefix gets bytes/sec',
] as const;

/** Named after the flags. */
export const PARAMETERS = [
  'churn-level',
  'churn-level-pct',
  'churn-level-rate',
  'churn-val-rate',
  'client-timeout',
  'clients',
  'conns',
  'do-not-exit',
  'endpoints',
  'etcd-reconnect-count',
  'file-comment',
  'full-get-read',
  'get-keys-only',
  'get-level',
  'get-rate',
  'pattern',
  'put-rate',
  'serializable-gets',
  'skip-init',
  'stats-interval',
  'test-end-key',
  'total',
  'val-spec',
  'verbose',
  'watch-counts-per-level',
  'watch-prefix-get-interval',
  'watch-with-prefix',
] as const;

/** What percentiles are told of: the names that `STATISTICS` have for them. */
const TIMED = ['Puts', 'Dels', 'Gets', 'Prefix gets', 'Watch delivery'] as const;
const PERCENTILES = ['p50', 'p90', 'p99', 'p99.9'] as const;
const COUNTS = ['fail', 'unknown', 'late', 'dropped', 'leases', 'watch gaps'] as const;

const NEW_STATISTICS = [
  ...TIMED.flatMap((kind) => PERCENTILES.map((percentile) => `${kind} ${percentile} RT(μs)` as const)),
  ...COUNTS,
] as const;

export type Statistic = (typeof STATISTICS)[number] | (typeof NEW_STATISTICS)[number];
export type Parameter = (typeof PARAMETERS)[number];

/** All columns in their order. */
export const CSV_COLUMNS: readonly (Statistic | Parameter)[] = [...STATISTICS, ...NEW_STATISTICS, ...PARAMETERS];
