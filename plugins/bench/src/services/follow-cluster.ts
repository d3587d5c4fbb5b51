import { followMembers } from '@etcdperf/core/etcd';
import type { Finding } from '@etcdperf/core/load';
import { LiveEndpoints } from '@etcdperf/core/wire';
import type { BenchSite } from './run-bench.ts';

/** Whatever connects to the site goes where the member list says, until it is disposed of; undefined: it is not to. */
export function followCluster(
  { settings, access, survey }: BenchSite,
  onFinding: (finding: Finding) => void,
): AsyncDisposable | undefined {
  const { endpoints } = access;
  if (!(endpoints instanceof LiveEndpoints)) return undefined;
  return followMembers({
    access: { ...access, endpoints },
    listed: survey.listed,
    intervalMs: settings.autoSyncMs,
    onChange: () =>
      onFinding({
        kind: 'other',
        message: `as the member list says, connections go to ${endpoints.join(', ')} from now on`,
      }),
    onProblem: (why) =>
      onFinding({
        kind: 'other',
        message: `the load stays with ${endpoints.join(', ')}: the member list can't be followed: ${why}`,
      }),
  });
}
