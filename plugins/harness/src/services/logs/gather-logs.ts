import { EtcdperfError, InputError } from '@etcdperf/core/errors';
import type { Run } from '@etcdperf/core/runs';
import type { ClusterMember, ClusterMembers } from '../members/cluster-members.ts';
import { LineFilter } from './line-filter.ts';
import type { LogSource, LogWindow } from './log-source.ts';
import { isoTime, LogTally } from './log-tally.ts';
import type { LogsReport, MemberLogReport } from './logs-report.ts';
import { memberClocks } from './member-clocks.ts';
import { openLog } from './open-log.ts';

export interface GatherOptions {
  /** The cluster that is meant, then its neighbour. */
  readonly clusters: readonly ClusterMembers[];
  readonly run: Run;
  readonly window: LogWindow;
  readonly grep?: RegExp | undefined;
  /** Only this member. */
  readonly member?: string | undefined;
  /** Goes on until the signal aborts. */
  readonly follow: boolean;
  /** See `OpenLogOptions`. */
  readonly unit: string;
  readonly signal?: AbortSignal | undefined;
  /** Told of every line that is kept. */
  readonly onLine?: ((line: GatheredLine) => void) | undefined;
  readonly onNote?: ((note: string) => void) | undefined;
}

export interface GatheredLine {
  readonly cluster: string;
  readonly member: string;
  readonly text: string;
  /** Unix milliseconds by the clock of the member's host. */
  readonly atMs: number | undefined;
}

/**
 * Writes the members' logs into a run folder, a file each (`logs/<cluster>/<member>.log`), streamed. A member that
 * can't be read has its reason in the report. What was gathered is kept when the signal aborts. Throws InputError for a
 * member that there is none of.
 */
export async function gatherLogs(options: GatherOptions): Promise<LogsReport> {
  const { clusters, run, window, grep, follow, signal } = options;
  const chosen = chooseMembers(clusters, options.member);
  const reports = await Promise.all(
    chosen.map(async ({ cluster, members }) => {
      // While the logs come: a second connection is not needed for it.
      const clocks = memberClocks(members, signal).catch(() => new Map());
      const gathered = await Promise.all(members.map((member) => gatherOne(cluster, member, options)));
      const known = await clocks;
      return {
        cluster,
        members: gathered.map((one) => ({ ...one, ...(known.has(one.member) && { clock: known.get(one.member) }) })),
      };
    }),
  );
  const report: LogsReport = {
    dir: run.dir,
    outcome: signal?.aborted ? 'interrupted' : 'done',
    followed: follow,
    window: {
      ...(window.sinceMs !== undefined && { since: isoTime(window.sinceMs) }),
      ...(window.untilMs !== undefined && { until: isoTime(window.untilMs) }),
      ...(window.last !== undefined && { last: window.last }),
    },
    ...(grep !== undefined && { grep: grep.source }),
    clusters: reports,
  };
  run.writeResult(report);
  return report;
}

/** All members, or those of one name. Throws InputError where there is none. */
export function chooseMembers(clusters: readonly ClusterMembers[], name: string | undefined) {
  const all = clusters.map(({ found, members }) => ({ cluster: found.config.name, members }));
  if (name === undefined) return all;
  const chosen = all.map(({ cluster, members }) => ({
    cluster,
    members: members.filter((member) => member.name === name),
  }));
  if (chosen.some(({ members }) => members.length > 0)) return chosen;
  const names = all.flatMap(({ members }) => members.map((member) => member.name));
  throw new InputError(`there is no member '${name}'`, { where: '--member', hint: `there is ${names.join(', ')}` });
}

async function gatherOne(cluster: string, member: ClusterMember, options: GatherOptions): Promise<MemberLogReport> {
  const { run, window, grep, follow, unit, signal } = options;
  const file = `logs/${fileName(cluster)}/${fileName(member.name)}.log`;
  const filter = new LineFilter({ ...window, grep });
  const tally = new LogTally();
  const notes: string[] = [];
  let source: LogSource | undefined;
  let failure: MemberLogReport['failure'];
  try {
    source = await openLog(member, { unit, signal });
    await source.read({
      ...{ window, follow, signal },
      onLines: (lines) => {
        const kept = filter.choose(lines);
        if (kept.length === 0) return;
        run.appendRaw(file, kept.map(({ text }) => `${text}\n`).join(''));
        for (const line of kept) {
          tally.add(line);
          options.onLine?.({ cluster, member: member.name, ...line });
        }
      },
      onNote: (note) => {
        notes.push(note);
        options.onNote?.(`${member.name}: ${note}`);
      },
    });
  } catch (error) {
    if (signal?.aborted !== true) failure = reasonOf(error);
  }
  const counted = tally.result();
  return {
    member: member.name,
    ...(source !== undefined && { origin: source.origin }),
    ...(counted.lines > 0 && { file }),
    ...counted,
    notes,
    ...(failure !== undefined && { failure }),
  };
}

/** Throws what is no error of ours. */
function reasonOf(error: unknown): NonNullable<MemberLogReport['failure']> {
  if (!(error instanceof EtcdperfError)) throw error;
  const { message, hint, where } = error;
  return { message: where === undefined ? message : `${where}: ${message}`, ...(hint !== undefined && { hint }) };
}

function fileName(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '_');
}
