import { InputError, type InputProblem } from '@etcdperf/core/errors';
import { checkLevels, type PatternSpace, type Workload } from '@etcdperf/core/workload';
import { ownLevel } from './own-level.ts';

/** The words of a workload file, and the flags that say the same. */
const FLAGS: Readonly<Record<string, string>> = {
  'load.ratePerSec': '--put-rate',
  'subtreeChurn.level': '--churn-level',
  'subtreeChurn.percent': '--churn-level-pct',
  'subtreeChurn.ratePerSec': '--churn-level-rate',
  'valueChurn.ratePerSec': '--churn-val-rate',
  'reads.level': '--get-level',
  'reads.ratePerSec': '--get-rate',
  'watches.perLevel': '--watch-counts-per-level',
  'watches.rereadIntervalMs': '--watch-prefix-get-interval',
  'verification.samplePercent': '--verify-sample',
  clients: '--clients',
  connections: '--conns',
  timeoutMs: '--client-timeout',
};

/** Throws InputError, with all its problems, for a workload that can't be done to the keys of its pattern. */
export function checkWorkload(workload: Workload, space: PatternSpace): void {
  const problems = [
    ...checkLevels(workload, space.levels),
    ...othersKeys(workload, space),
    ...badNumbers(workload),
    ...nothingToDo(workload),
  ].map(withFlag);
  if (problems.length > 0) throw new InputError('this workload can’t be done', { problems });
}

function withFlag(problem: InputProblem): InputProblem {
  const flag = problem.where === undefined ? undefined : FLAGS[problem.where];
  return flag === undefined ? problem : { ...problem, where: `${flag} (${problem.where})` };
}

/** What is above `:ip` is not this driver's alone. */
function othersKeys({ subtreeChurn }: Workload, space: PatternSpace): InputProblem[] {
  const own = ownLevel(space);
  if (subtreeChurn === undefined || subtreeChurn.level === 0 || subtreeChurn.level >= own) return [];
  return [
    {
      where: 'subtreeChurn.level',
      message: `churn on level ${subtreeChurn.level}, above :ip, would delete the keys of other drivers`,
      hint: `level ${own} and those after it are this driver’s own`,
    },
  ];
}

function badNumbers(workload: Workload): InputProblem[] {
  const { load, subtreeChurn, valueChurn, reads, watches, verification, connections, clients, timeoutMs } = workload;
  const rates = {
    'load.ratePerSec': load?.ratePerSec,
    'subtreeChurn.ratePerSec': subtreeChurn?.ratePerSec,
    'valueChurn.ratePerSec': valueChurn?.ratePerSec,
    'reads.ratePerSec': reads?.ratePerSec,
    'watches.rereadIntervalMs': watches?.rereadIntervalMs,
    timeoutMs,
  };
  const shares = {
    'subtreeChurn.percent': subtreeChurn?.percent,
    'verification.samplePercent': verification?.samplePercent,
  };
  const counts = { connections, clients };
  return [
    ...wrong(rates, (value) => value > 0 && Number.isFinite(value), 'must be more than 0'),
    ...wrong(shares, (value) => value > 0 && value <= 100, 'must be more than 0 and at most 100 percent'),
    ...wrong(counts, (value) => Number.isSafeInteger(value) && value > 0, 'must be 1 or more'),
    ...(watches?.perLevel ?? [])
      .filter((count) => count !== 'every' && !(Number.isSafeInteger(count) && count >= 0))
      .map((count) => ({ where: 'watches.perLevel', message: `${count} watchers can’t be` })),
  ];
}

function wrong(
  values: Readonly<Record<string, number | undefined>>,
  isRight: (value: number) => boolean,
  rule: string,
): InputProblem[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && !isRight(value))
    .map(([where, value]) => ({ where, message: `${value}: it ${rule}` }));
}

function nothingToDo({ load, subtreeChurn, valueChurn, reads, watches, leases }: Workload): InputProblem[] {
  const isIdle = [load, subtreeChurn, valueChurn, reads, watches, leases].every((part) => part === undefined);
  if (!isIdle) return [];
  const hint = 'a rate of churn or reads, watchers or leases; or load the keys';
  return [{ message: 'nothing is loaded, and nothing is to be done after that', hint }];
}
