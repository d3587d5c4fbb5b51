import type { MvccGetReport } from '../services/mvcc-get-work.ts';

/** Which part of the past was read. */
export function renderRevisions({ revisions }: MvccGetReport): string {
  if (revisions === undefined) return '';
  return `read at revisions ${revisions.from} to ${revisions.to}`;
}
