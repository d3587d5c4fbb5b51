import type { MemberMetrics } from '@etcdperf/core/etcd';
import type { MemberUsage } from './connections-report.ts';

/** What a member's metrics tell of its clients. */
export function memberUsage(metrics: MemberMetrics): MemberUsage {
  const started = sums(metrics, 'grpc_server_started_total', 'grpc_method');
  const handled = sums(metrics, 'grpc_server_handled_total', 'grpc_method');
  const open = (method: string) => Math.max(0, (started.get(method) ?? 0) - (handled.get(method) ?? 0));
  return {
    watchStreams: open('Watch'),
    leaseStreams: open('LeaseKeepAlive'),
    watchers: metrics.value('etcd_debugging_mvcc_watcher_total'),
    openFiles: metrics.value('process_open_fds'),
    requests: mostFirst(handled).map(([method, count]) => ({ method, count })),
    apiVersions: mostFirst(sums(metrics, 'etcd_server_client_requests_total', 'client_api_version')).map(
      ([version, requests]) => ({ version, requests }),
    ),
  };
}

/** A counter's time series added up by one label. */
function sums(metrics: MemberMetrics, name: string, label: string): Map<string, number> {
  const by = new Map<string, number>();
  for (const { labels, value } of metrics.samples(name)) {
    const key = labels.get(label) ?? '';
    by.set(key, (by.get(key) ?? 0) + value);
  }
  return by;
}

function mostFirst(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
}
