import type { LoadFigures } from '@etcdperf/core/load';
import { LatencyRecorder } from '@etcdperf/core/stats';

/** What several loads counted in the same interval, as if one had. Those of one name are added up. */
export function addFigures(parts: readonly LoadFigures[]): LoadFigures {
  const series = new Map<string, LoadFigures['series'][number]>();
  const lateness = new LatencyRecorder();
  const counters: Record<string, number> = {};
  for (const part of parts) {
    for (const one of part.series) {
      const known = series.get(one.name);
      if (known === undefined) series.set(one.name, one);
      else known.merge(one);
    }
    lateness.merge(part.lateness);
    for (const [name, count] of Object.entries(part.counters)) counters[name] = (counters[name] ?? 0) + count;
  }
  const sum = (of: (part: LoadFigures) => number) => parts.reduce((all, part) => all + of(part), 0);
  return {
    series: [...series.values()],
    errors: parts.flatMap(({ errors }) => errors),
    sent: sum(({ sent }) => sent),
    late: sum(({ late }) => late),
    dropped: sum(({ dropped }) => dropped),
    lateness,
    inFlight: sum(({ inFlight }) => inFlight),
    counters,
    threadCpuMs: sum(({ threadCpuMs }) => threadCpuMs),
    eventLoopLagP99Ms: Math.max(0, ...parts.map(({ eventLoopLagP99Ms }) => eventLoopLagP99Ms)),
  };
}
