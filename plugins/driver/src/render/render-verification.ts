import { renderTable } from '@etcdperf/core/cli';
import type { VerificationFinding, VerificationReport } from '../services/verify/verification-report.ts';

const VERDICTS = {
  clean: 'clean',
  faulty: 'FAULTY: etcd does not hold, or did not tell, what it acknowledged',
  incomplete: 'nothing wrong was found, but not all could be looked at',
} satisfies Record<VerificationReport['verdict'], string>;

/** Whether etcd kept its promises, and what it broke. */
export function renderVerification(report: VerificationReport): string {
  const { verdict, why, followedKeys, ofKeys, checkedWrites, checkedReads, readAtEnd, checkedEvents } = report;
  const lines = [
    `verification: ${VERDICTS[verdict]}${why.length === 0 ? '' : ` (${why.join('; ')})`}`,
    `  ${followedKeys} of ${ofKeys} keys followed: ${checkedWrites} acknowledged writes, ${checkedEvents} events, ` +
      `${checkedReads} reads during the run, ${readAtEnd} at the end; ${report.unknownWrites} writes without an answer`,
  ];
  if (report.gaps.count > 0) {
    const [first] = report.gaps.first;
    lines.push(
      `  ${report.gaps.count} ${report.gaps.count === 1 ? 'gap' : 'gaps'}: compaction overtook watchers` +
        (first === undefined ? '' : `, the first at revisions ${first.fromRevision} to ${first.toRevision}`),
    );
  }
  return [lines.join('\n'), ...findings(report)].join('\n\n');
}

function findings({ findings: all, counts }: VerificationReport): string[] {
  if (all.length === 0) return [];
  const table = renderTable<VerificationFinding>(
    [
      { title: 'finding', value: ({ kind }) => kind },
      { title: 'key', value: ({ key }) => key },
      { title: 'revision', align: 'right', value: ({ revision }) => (revision === 0 ? '–' : revision) },
      { title: 'at', value: ({ at }) => at },
      { title: '', value: ({ detail }) => detail },
    ],
    all,
  );
  const sum = Object.values(counts).reduce((total, count) => total + count, 0);
  if (sum === all.length) return [table];
  const kinds = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  return [`${table}\nand ${sum - all.length} more: ${kinds.join(', ')} in all`];
}
