import type { LoadReport } from '@etcdperf/core/load';
import { type CheckVerdict, type Criterion, judge, noFailures } from './criterion.ts';

/** Of each member; undefined: any growth is fine. */
export interface DatascaleLimits {
  readonly memoryMb: number | undefined;
  readonly dbMb: number | undefined;
}

const BYTES_PER_MB = 1024 * 1024;

/** What holding keys costs each member. */
export function judgeDatascale(
  report: Pick<LoadReport, 'series' | 'ending' | 'dropped' | 'members'>,
  limits: DatascaleLimits,
): CheckVerdict {
  const keys = report.series.reduce((all, { ok }) => all + ok, 0);
  const criteria = [noFailures(report)];
  for (const { name, memoryGrowthMb, dbGrowthMb, problem } of report.members) {
    const grew = (what: 'memory' | 'database', mb: number | undefined, limitMb: number | undefined): Criterion => ({
      name: `${what} of ${name}`,
      isMet: mb !== undefined && (limitMb === undefined || mb <= limitMb),
      text:
        mb === undefined
          ? `${name} doesn't tell the size of its ${what}${problem === undefined ? '' : `: ${problem}`}`
          : `the ${what} of ${name} grew by ${mb.toFixed(1)} MB, ${Math.round((mb * BYTES_PER_MB) / Math.max(keys, 1))} bytes a key` +
            (limitMb === undefined ? '' : `, at most ${limitMb} MB are allowed`),
    });
    criteria.push(grew('memory', memoryGrowthMb, limits.memoryMb), grew('database', dbGrowthMb, limits.dbMb));
  }
  return judge(report, criteria);
}
