import { formatSize } from '@etcdperf/core/stats';
import type { DatabaseShare, MemberDatabase } from '../services/summary/database-share.ts';
import type { KeyTotals } from '../services/summary/key-totals.ts';

/** How much of the database the keys are, how much is history, how much is free. */
export function renderDatabase(share: DatabaseShare, { bytes }: KeyTotals): string[] {
  const { members, fileBytes, inUseBytes, freeBytes, liveBytes, historyBytes } = share;
  const percent = (part: number, whole: number) => (whole === 0 ? '0%' : `${Math.round((part / whole) * 100)}%`);
  const live = `about ${formatSize(liveBytes)} (${percent(liveBytes, inUseBytes)})`;
  return [
    `database: a file of ${formatSize(fileBytes)}, ${formatSize(inUseBytes)} of it in use, ${formatSize(freeBytes)} ` +
      `(${percent(freeBytes, fileBytes)}) free, which a defragmentation gives back`,
    historyBytes === undefined
      ? `of what is in use, ${live} are these keys (${formatSize(bytes)} and what etcd keeps beside them)`
      : `of what is in use, ${live} are live keys (${formatSize(bytes)} and what etcd keeps beside them), about ` +
        `${formatSize(historyBytes)} (${percent(historyBytes, inUseBytes)}) history: earlier revisions, deletions, ` +
        'and what pages have left over; compaction frees it',
    ...(areAlike(members) ? [] : [`members: ${members.map(memberText).join('; ')}`]),
  ];
}

/** Members differ by what each has been defragmented; a little says nothing. */
function areAlike(members: readonly MemberDatabase[]): boolean {
  const files = members.map(({ fileBytes }) => fileBytes);
  return Math.max(...files) <= Math.min(...files) * 1.1;
}

function memberText({ member, fileBytes, inUseBytes }: MemberDatabase): string {
  return `${member} ${formatSize(fileBytes)}, ${formatSize(inUseBytes)} in use`;
}
