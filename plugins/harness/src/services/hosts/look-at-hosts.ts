import { EtcdperfError } from '@etcdperf/core/errors';
import { type ConnectChoices, type MemberSite, openClusterHosts, type ProcessCluster } from '@etcdperf/core/etcd';
import { type Companion, type HostsReport, type HostView, sharedHosts } from './hosts-report.ts';

/** What a process must take to be called a companion. */
const BUSY_CPU_PERCENT = 20;
const BIG_RSS_KB = 512 * 1024;

/** Process id, share of one core over its life, resident memory in KiB, name; without kernel threads. */
const PROCESSES_SCRIPT = 'ps -eo pid=,pcpu=,rss=,comm= 2>/dev/null || { echo "ps (procps) is missing" >&2; exit 1; }';

/** Looks which members share a host, and what else takes much there. A host that fails stops no other. */
export async function lookAtHosts(found: ProcessCluster, choices: ConnectChoices): Promise<HostsReport> {
  await using cluster = await openClusterHosts(found, choices);
  const names = [...new Set(cluster.plan.members.map(({ host }) => host))];
  const hosts = await Promise.all(
    names.map(async (name): Promise<HostView> => {
      const members = cluster.plan.members.filter(({ host }) => host === name).map((member) => member.name);
      const view = { name, members, label: undefined, taint: undefined };
      try {
        return { ...view, companions: await heavyProcesses(cluster.site(name), choices.signal), problem: undefined };
      } catch (error) {
        if (choices.signal?.aborted === true || !(error instanceof EtcdperfError)) throw error;
        return { ...view, companions: [], problem: error.message };
      }
    }),
  );
  return {
    cluster: found.config.name,
    backend: found.config.backend,
    hosts,
    changes: [],
    isDryRun: false,
    inventory: undefined,
    problems: sharedHosts(hosts),
  };
}

async function heavyProcesses({ executor }: MemberSite, signal: AbortSignal | undefined): Promise<Companion[]> {
  const { code, stdout, stderr } = await executor.script(PROCESSES_SCRIPT, [], { signal, timeoutMs: 30_000 });
  if (code !== 0) return [{ name: 'unknown', detail: stderr.trim() }];
  return parseProcesses(stdout);
}

/** The processes that take much, without etcd's own and the look itself. */
export function parseProcesses(text: string): Companion[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, cpu, rssKb, name = ''] = /^\s*(\d+)\s+([\d.]+)\s+(\d+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (pid === undefined || /^(etcd|ps$)/.test(name)) return [];
    if (Number(cpu) < BUSY_CPU_PERCENT && Number(rssKb) < BIG_RSS_KB) return [];
    return [{ name, detail: `process ${pid}, ${cpu}% of a core, ${Math.round(Number(rssKb) / 1024)} MiB` }];
  });
}
