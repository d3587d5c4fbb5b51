import type { InputProblem } from '../errors/index.ts';
import type { PatternLevel } from './pattern/pattern-space.ts';
import type { Workload } from './workload.ts';

/**
 * What is wrong with the levels that a workload's parts act on, given those that its pattern has. `where` is the word of
 * the workload: `reads.level`.
 */
export function checkLevels(workload: Workload, levels: readonly Pick<PatternLevel, 'text'>[]): InputProblem[] {
  const problems: InputProblem[] = [];
  const last = levels.length - 1;
  const hint = `the pattern's levels are ${levels.map(({ text }, level) => `${level} (${text})`).join(', ')}`;
  const beyond = (where: string, level: number) => {
    if (level > last)
      problems.push({ where, message: `level ${level} is beyond the pattern's last level, ${last}`, hint });
  };
  const { subtreeChurn, reads, watches } = workload;
  if (subtreeChurn?.level === 0) {
    const message = 'churn on level 0 would delete all keys of all drivers at once';
    problems.push({ where: 'subtreeChurn.level', message, hint });
  }
  if (subtreeChurn !== undefined) beyond('subtreeChurn.level', subtreeChurn.level);
  if (reads !== undefined) beyond('reads.level', reads.level);
  if (watches !== undefined) {
    const watched = watches.perLevel.findLastIndex((count) => count !== 0);
    beyond('watches.perLevel', watched);
  }
  return problems;
}
