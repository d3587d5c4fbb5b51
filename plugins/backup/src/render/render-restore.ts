import { renderTable } from '@etcdperf/core/cli';
import { quoteArgv } from '@etcdperf/core/ssh';
import { formatSize } from '@etcdperf/core/stats';
import type { RestoredMember, RestoreReport } from '../services/restore/restore-report.ts';

export function renderRestore(report: RestoreReport): string {
  const { members, notes, snapshot } = report;
  const table = renderTable<RestoredMember>(
    [
      { title: 'member', value: ({ name }) => name },
      { title: 'host', value: ({ host }) => host },
      { title: 'data', value: ({ dataDir }) => dataDir },
      { title: 'result', value: resultText },
    ],
    members,
  );
  const aside = members.flatMap(({ name, setAside }) => (setAside === undefined ? [] : [`  ${name}: ${setAside}`]));
  const planned = members.flatMap(({ result }) => ('argv' in result ? [`  ${quoteArgv(result.argv)}`] : []));
  return [
    `${snapshot.file}: ${formatSize(snapshot.bytes)}, revision ${snapshot.revision}, ${snapshot.versions} versions`,
    table,
    ...(planned.length > 0 ? ['on each host:', ...planned] : []),
    ...(aside.length > 0 ? [`data that ${planned.length > 0 ? 'would be' : 'was'} set aside:`, ...aside] : []),
    ...notes.map((note) => `note: ${note}`),
    outcomeText(report),
  ].join('\n');
}

function resultText({ result, ran }: RestoredMember): string {
  switch (result.kind) {
    case 'would restore':
      return `would be ${ran ? 'stopped and ' : ''}restored`;
    case 'restored':
      return result.hashKv === undefined ? 'restored' : `restored, HashKV ${result.hashKv}`;
    case 'untouched':
    case 'put back':
      return result.kind;
    default:
      return result satisfies never;
  }
}

function outcomeText({ cluster, version, outcome, snapshot, leader, downMs, members }: RestoreReport): string {
  switch (outcome.kind) {
    case 'restored': {
      const proof = snapshot.hashKv === undefined ? 'all members have the same hash' : 'the hash is the snapshot’s';
      const down = downMs === undefined ? '' : `, it was down for ${(downMs / 1000).toFixed(1)} s`;
      return `cluster ${cluster} (etcd ${version}) is healthy, ${leader ?? 'nobody'} leads; ${proof} on ${members.length} of ${members.length} members${down}`;
    }
    case 'in place':
      return `the data is in place; etcdperf harness:deploy ${cluster} starts the cluster`;
    case 'planned':
      return 'nothing was touched';
    case 'failed':
      return [`FAILED: ${outcome.reason}`, ...(outcome.hint === undefined ? [] : [outcome.hint])].join('\n');
    default:
      return outcome satisfies never;
  }
}
