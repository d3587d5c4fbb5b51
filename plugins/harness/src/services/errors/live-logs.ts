import { memberClocks } from '../logs/member-clocks.ts';
import { openLog } from '../logs/open-log.ts';
import { LOG_LEVELS, type LogLevel } from '../logs/parse-log-line.ts';
import type { ClusterMembers } from '../members/cluster-members.ts';
import { sinceStart } from './since-start.ts';
import type { ClusterLogs } from './sum-errors.ts';

/** The logs of a cluster that stands, with its members' counters and clocks. */
export function liveLogs(
  { found, members, access }: ClusterMembers,
  options: { readonly unit: string; readonly signal?: AbortSignal | undefined },
): ClusterLogs {
  const { signal } = options;
  let clocks: ReturnType<typeof memberClocks> | undefined;
  return {
    cluster: found.config.name,
    level: levelOf(found.config.flags['log-level']),
    members: members.map((member) => ({
      member: member.name,
      open: () => openLog(member, options),
      more: async () => {
        // Each host's once, whichever member asks first.
        clocks ??= memberClocks(members, signal);
        const [counters, all] = await Promise.all([sinceStart(access, member.clientUrl, signal), clocks]);
        const clock = all.get(member.name);
        return { sinceStart: counters, ...(clock !== undefined && { clock }) };
      },
    })),
  };
}

function levelOf(flag: unknown): LogLevel | undefined {
  if (flag === 'panic' || flag === 'dpanic') return 'fatal';
  return LOG_LEVELS.find((level) => level === flag && level !== 'crash');
}
