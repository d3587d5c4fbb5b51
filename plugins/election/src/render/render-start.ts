import { renderTable } from '@etcdperf/core/cli';
import { formatMs } from '@etcdperf/core/stats';
import type { InitResult } from '../services/init-store.ts';
import type { AgentsResult } from '../services/start-agents.ts';
import type { CandidatesResult } from '../services/start-candidates.ts';

export function renderInit({ removed, filled }: InitResult): string {
  const seconds = filled.ms / 1000;
  const rate = filled.keys === 0 ? '' : `, ${Math.round(filled.keys / seconds)} puts/s`;
  return [
    `removed ${removed} keys of an earlier test`,
    `filled /status/ with ${filled.keys} keys of ${filled.valueBytes} bytes in ${formatMs(filled.ms)}${rate}`,
  ].join('\n');
}

export function renderCandidates(result: CandidatesResult): string {
  const { master, ttl } = result;
  const table = renderTable(
    [
      { title: 'candidate', value: (one: CandidatesResult['candidates'][number]) => one.identity },
      { title: 'host', value: (one) => one.host },
      { title: 'pid', align: 'right', value: (one) => one.pid },
      { title: '', value: (one) => (one.identity === master.identity ? 'master' : '') },
    ],
    result.candidates,
  );
  const granted =
    ttl.grantedSeconds === ttl.askedSeconds
      ? `TTL ${ttl.grantedSeconds} s`
      : `TTL ${ttl.grantedSeconds} s, granted by etcd instead of the ${ttl.askedSeconds} s asked for`;
  return [
    table,
    '',
    `${master.identity} is master of round ${master.round}; ${granted}, renewed every ${result.refreshMs} ms (${result.algorithm})`,
  ].join('\n');
}

export function renderAgents(result: AgentsResult): string {
  const { obtained, agents, generator } = result;
  const connections =
    result.connections === 'own' ? 'a connection each' : `${result.connections.shared} shared connections per process`;
  const lines = [
    `${agents.registered} of ${agents.expected} agents follow the master of round ${result.round} (${connections})`,
    `got − start: smallest ${formatMs(obtained.minMs)}, average ${formatMs(obtained.meanMs)}, p99 ${formatMs(obtained.p99Ms)}, biggest ${formatMs(obtained.maxMs)}`,
    `generator: ${generator.cpuPercent.toFixed(0)} % of a core, event loop ${formatMs(generator.eventLoopLagP99Ms)} late (p99)`,
    `run: ${result.run.dir}`,
  ];
  if (result.jitterMs > 0)
    lines.splice(2, 0, `each re-read waits up to ${result.jitterMs} ms at random (--jitter): the results contain it`);
  if (generator.limited) lines.push("warning: the agents' own process was the limit, not etcd");
  return lines.join('\n');
}
