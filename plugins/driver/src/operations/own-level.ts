import type { PatternSpace } from '@etcdperf/core/workload';

/** The first level that is one driver's alone: that of `:ip`. -1 where the pattern has none. */
export function ownLevel({ levels }: Pick<PatternSpace, 'levels'>): number {
  return levels.findIndex(({ text }) => text === ':ip');
}
