import { formatMs, LatencyRecorder, renderHistogram } from '@etcdperf/core/stats';
import type { RoundSummary } from '../services/round-summary.ts';
import type { ElectionSummary } from '../services/summarise-run.ts';
import type { Distribution } from '../services/timing.ts';

/** What the old summary script printed, with percentiles and a histogram. */
export function renderSummary(summary: ElectionSummary, options: { readonly width?: number } = {}): string {
  const width = options.width ?? 72;
  const source = summary.source.kind === 'run' ? summary.source.dir : summary.source.endpoints.join(', ');
  return [`from ${source}`, ...summary.rounds.map((round) => renderRound(round, width))].join('\n\n');
}

function renderRound(round: RoundSummary, width: number): string {
  const masters = round.masters.length === 1 ? round.masters[0] : `${round.masters.join(' and ')} (they disagree)`;
  const head = `round ${round.round}: ${round.agents} agents follow ${masters}`;
  const parts = [round.killedAt === undefined ? head : `${head}; the last master was killed at ${round.killedAt}`];
  if (round.notified !== undefined) parts.push(renderDistribution('notified − killed', round.notified, width));
  const obtained = round.round === 1 ? 'got − start' : 'got − notified';
  parts.push(renderDistribution(obtained, round.obtained, width));
  return parts.join('\n\n');
}

function renderDistribution(title: string, distribution: Distribution, width: number): string {
  if (distribution.count === 0) return `  ${title}: nobody`;
  const { minMs, meanMs, p50Ms, p90Ms, p99Ms, maxMs, clockErrorMs, bySecond } = distribution;
  const error = clockErrorMs < 0.05 ? '' : ` (clocks ±${formatMs(clockErrorMs)})`;
  const lines = [
    `${title}${error}`,
    `  biggest ${formatMs(maxMs)}, smallest ${formatMs(minMs)}, average ${formatMs(meanMs)}`,
    `  p50 ${formatMs(p50Ms)}, p90 ${formatMs(p90Ms)}, p99 ${formatMs(p99Ms)}`,
    `  ${bySecond.map(({ second, count }) => `${count} in ${second} to ${second + 1} s`).join(', ')}`,
    ...renderHistogram(LatencyRecorder.fromJSON(distribution.histogram), { width: width - 4 }).map(
      (line) => `  ${line}`,
    ),
  ];
  return lines.map((line) => `  ${line}`).join('\n');
}
