import type { PutExtra } from '../services/put-work.ts';

/** What a put's report has beyond every other's. */
export function renderPut({ compactions, hashes }: PutExtra): string {
  const lines: string[] = [];
  if (compactions !== undefined) {
    const { done, failed, revision, lastError } = compactions;
    lines.push(
      `compactions: ${done}${revision > 0 ? `, up to revision ${revision}` : ''}` +
        (failed > 0 ? `, ${failed} failed (${lastError ?? ''})` : ''),
    );
  }
  if (hashes !== undefined) {
    lines.push(verdicts[hashes.verdict](hashes.revision));
    for (const member of hashes.members)
      lines.push(
        `  ${member.endpoint}  ${'hash' in member ? `${member.hash}${member.compactRevision > 0 ? ` (compacted at ${member.compactRevision})` : ''}` : member.problem}`,
      );
  }
  return lines.join('\n');
}

const verdicts = {
  equal: (revision) => `members' data at revision ${revision}: equal`,
  different: (revision) => `members' data at revision ${revision}: DIFFERENT: the cluster is corrupt`,
  unclear: (revision) => `members' data at revision ${revision}: not all could be compared`,
} satisfies Record<NonNullable<PutExtra['hashes']>['verdict'], (revision: number) => string>;
