import type { RenderLoadOptions } from '@etcdperf/core/cli';
import type { FillReport } from '../services/fill/fill-database.ts';
import { sizeText } from '../services/size-text.ts';
import { renderStanding } from './render-standing.ts';

/** How full the database is now, and how fast that went. */
export function renderFill(report: FillReport, options: RenderLoadOptions = {}): string {
  const { pattern, goal, isReached, keys, before, after, quotaBytes, isCleanedUp } = report.fill;
  const asked = goal.kind === 'bytes' ? sizeText(goal.bytes) : `${goal.keys} keys`;
  const quota = quotaBytes === undefined ? '' : `, of a quota of ${sizeText(quotaBytes)}`;
  return renderStanding(
    report,
    [
      `${isReached ? 'filled' : 'NOT filled'}: ${keys} keys written, ${asked} asked for`,
      `database: ${sizeText(after.inUseBytes)} in use, before ${sizeText(before.inUseBytes)}; the file takes ${sizeText(after.fileBytes)}${quota}`,
      `keys: ${pattern}${isCleanedUp ? ', deleted again' : ''}`,
    ],
    options,
  );
}
