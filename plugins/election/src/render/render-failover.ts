import { renderTable } from '@etcdperf/core/cli';
import { formatMs } from '@etcdperf/core/stats';
import type { FailoverResult } from '../services/failover-result.ts';
import type { Span } from '../services/round-phases.ts';
import type { RoundReport } from '../services/round-report.ts';
import type { Timing } from '../services/timing.ts';

/** The phases of each round beside the floor, what agents measured, and what went wrong. */
export function renderFailover(result: FailoverResult): string {
  const { rounds, agents, generator } = result;
  const parts = [
    renderTable(
      [
        { title: 'round', align: 'right', value: (round: RoundReport) => round.round },
        { title: 'killed', value: (round) => round.from },
        { title: 'took over', value: (round) => round.to ?? '(nobody)' },
        {
          title: 'floor',
          align: 'right',
          value: (round) => `${formatMs(round.floor.minMs)} – ${formatMs(round.floor.maxMs)}`,
        },
        { title: 'expiry', align: 'right', value: (round) => renderSpan(round.phases?.expiry) },
        { title: 'notification', align: 'right', value: (round) => renderSpan(round.phases?.notification) },
        { title: 'election', align: 'right', value: (round) => renderSpan(round.phases?.election) },
        { title: 'payload', align: 'right', value: (round) => renderSpan(round.phases?.payload) },
        { title: 'agents', align: 'right', value: (round) => renderSpan(round.phases?.agents) },
        { title: 'elected after', align: 'right', value: (round) => renderSpan(round.elected ?? undefined) },
      ],
      rounds,
    ),
  ];
  if (agents.expected > 0) {
    parts.push(
      timingTable('notified − killed', rounds, (round) => round.notified),
      timingTable('got − notified', rounds, (round) => round.obtained),
    );
  }
  parts.push(
    [
      `agents: ${agents.expected} expected, ${agents.registered} registered in the last round, ${agents.lost} lost` +
        `; ${agents.resumed} watches resumed, ${agents.gaps} gaps`,
      `masters: ${overlapLine(rounds)}`,
      `TTL granted: ${[...new Set(rounds.map((round) => `${round.grantedTtlSeconds} s`))].join(', ')}` +
        `; clocks: ${result.clocks.map((clock) => `${clock.host} ±${formatMs(clock.errorBarMs)}`).join(', ')}`,
      `generator: ${generator.cpuPercent.toFixed(0)} % of a core, event loop ${formatMs(generator.eventLoopLagP99Ms)} late (p99)`,
      `run: ${result.run.dir}`,
    ].join('\n'),
  );
  if (result.warnings.length > 0) parts.push(result.warnings.map((warning) => `warning: ${warning}`).join('\n'));
  return parts.join('\n\n');
}

function timingTable(title: string, rounds: readonly RoundReport[], timing: (round: RoundReport) => Timing): string {
  const column = (name: string, value: (timing: Timing) => number) => ({
    title: name,
    align: 'right' as const,
    value: (round: RoundReport) => formatMs(value(timing(round))),
  });
  return renderTable(
    [
      { title, value: (round: RoundReport) => `round ${round.round}` },
      { title: 'agents', align: 'right', value: (round) => timing(round).count },
      column('min', (one) => one.minMs),
      column('mean', (one) => one.meanMs),
      column('p50', (one) => one.p50Ms),
      column('p90', (one) => one.p90Ms),
      column('p99', (one) => one.p99Ms),
      column('max', (one) => one.maxMs),
      column('clocks ±', (one) => one.clockErrorMs),
      { title: 'missed', align: 'right', value: (round) => round.missed },
    ],
    rounds,
  );
}

function overlapLine(rounds: readonly RoundReport[]): string {
  const overlaps = rounds.flatMap((round) => round.overlapMoments);
  if (overlaps.length === 0) return 'never two at once';
  return overlaps
    .map(
      ({ stale, rightful, ms, staleRev, rightfulRev }) =>
        `${stale} (revision ${staleRev}) still believed for ${formatMs(ms)} beside ${rightful} (revision ${rightfulRev})`,
    )
    .join('; ');
}

/** `1.87 s ±0.4 ms`; the error bar only where it is not negligible. */
export function renderSpan(span: Span | undefined): string {
  if (span === undefined) return '–';
  return span.clockErrorMs < 0.05 ? formatMs(span.ms) : `${formatMs(span.ms)} ±${formatMs(span.clockErrorMs)}`;
}

/** One round in one line, while more are to come. */
export function renderRoundLine({ round, from, to, elected, obtained, missed }: RoundReport): string {
  if (to === null) return `round ${round}: ${from} killed, nobody took over`;
  const agents =
    obtained.count === 0 ? '' : `; ${obtained.count} agents follow${missed > 0 ? `, ${missed} missing` : ''}`;
  return `round ${round}: ${from} killed, ${to} elected after ${renderSpan(elected ?? undefined)}${agents}`;
}
