import type { RenderLoadOptions } from '@etcdperf/core/cli';
import { formatSize } from '@etcdperf/core/stats';
import type { FillReport } from '../services/fill/fill-database.ts';
import { renderStanding } from './render-standing.ts';

/** How full the database is now, and how fast that went. */
export function renderFill(report: FillReport, options: RenderLoadOptions = {}): string {
  const { pattern, goal, isReached, keys, before, after, quotaBytes, isCleanedUp } = report.fill;
  const asked = goal.kind === 'bytes' ? formatSize(goal.bytes) : `${goal.keys} keys`;
  const quota = quotaBytes === undefined ? '' : `, of a quota of ${formatSize(quotaBytes)}`;
  return renderStanding(
    report,
    [
      `${isReached ? 'filled' : 'NOT filled'}: ${keys} keys written, ${asked} asked for`,
      `database: ${formatSize(after.inUseBytes)} in use, before ${formatSize(before.inUseBytes)}; the file takes ${formatSize(after.fileBytes)}${quota}`,
      `keys: ${pattern}${isCleanedUp ? ', deleted again' : ''}`,
    ],
    options,
  );
}
