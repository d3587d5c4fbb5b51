import { renderTable } from '@etcdperf/core/cli';
import type { CheckResult, HostCheck } from '../../services/hosts/check-hosts.ts';
import { renderMs } from '../../services/hosts/describe-clock.ts';

/** Facts as a table, then what is wrong or missing for each host that is not ready. */
export function renderHostsCheck(result: CheckResult): string {
  const table = renderTable(
    [
      { title: 'host', value: (row) => row.host },
      { title: 'status', value: (row) => row.status },
      { title: 'groups', value: (row) => row.groups.join(',') },
      { title: 'os', value: (row) => fact(row, ({ facts }) => facts.os) },
      { title: 'arch', value: (row) => fact(row, ({ facts }) => facts.arch) },
      { title: 'cpus', align: 'right', value: (row) => fact(row, ({ facts }) => String(facts.cpus)) },
      { title: 'memory', align: 'right', value: (row) => fact(row, ({ facts }) => gib(facts.memoryBytes)) },
      { title: 'free', align: 'right', value: (row) => fact(row, ({ facts }) => gib(facts.diskFreeBytes)) },
      { title: 'node', value: (row) => fact(row, ({ facts }) => facts.node ?? '-') },
      { title: 'etcd', value: (row) => fact(row, ({ facts }) => facts.etcd.join(',') || '-') },
      { title: 'clock', value: (row) => fact(row, ({ clock }) => `${clock.source} ${renderMs(clock.offsetMs)}`) },
    ],
    result.hosts,
  );
  const remarks = result.hosts.flatMap((row) => {
    const all = [...row.problems, ...('missing' in row ? row.missing.map((what) => `missing: ${what}`) : [])];
    return all.map((what) => `${row.host}: ${what}`);
  });
  return remarks.length === 0 ? table : `${table}\n\n${remarks.join('\n')}`;
}

type Reached = Extract<HostCheck, { readonly facts: object }>;

function fact(row: HostCheck, read: (row: Reached) => string): string {
  return 'facts' in row ? read(row) : '-';
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
