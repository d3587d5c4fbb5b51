import { EtcdperfError, OperationError } from '@etcdperf/core/errors';
import { LineFilter } from '../logs/line-filter.ts';
import type { LogSource } from '../logs/log-source.ts';
import { LOG_LEVELS, type LogLevel } from '../logs/parse-log-line.ts';
import { ERROR_KIND_IDS, ERROR_KINDS, type ErrorKindId } from './error-kinds.ts';
import type { ClusterErrors, ErrorsReport, KindErrors, MemberErrors, MinuteErrors } from './errors-report.ts';
import { judgeGround, type TroubledMinutes } from './judge-ground.ts';
import { MINUTE_MS, TroubleCounts } from './trouble-counts.ts';

/** One cluster's logs. */
export interface ClusterLogs {
  readonly cluster: string;
  /** Etcd's `--log-level`, where it is known. */
  readonly level?: LogLevel | undefined;
  readonly members: readonly MemberLogs[];
}

export interface MemberLogs {
  readonly member: string;
  readonly open: () => Promise<LogSource>;
  /** What else is known of it. */
  readonly more?: (() => Promise<Pick<MemberErrors, 'clock' | 'sinceStart'>>) | undefined;
}

export interface SumErrorsOptions {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the logs of one cluster, or of two, and sums up what went wrong. A member whose log can't be read has its
 * reason in the report; throws OperationError where none of the first cluster's can.
 */
export async function sumErrors(clusters: readonly ClusterLogs[], options: SumErrorsOptions): Promise<ErrorsReport> {
  const read = await Promise.all(clusters.map((cluster) => readCluster(cluster, options)));
  options.signal?.throwIfAborted();
  const failures = read[0]!.members.map(({ errors }) => errors.failure);
  if (failures.every((failure) => failure !== undefined))
    throw new OperationError(`no log could be read: ${failures[0]?.message ?? 'there is no member'}`, {
      where: `cluster ${read[0]!.cluster}`,
      hint: failures[0]?.hint,
    });
  const counts = read.flatMap(({ members }) => members.map((member) => member.counts));
  const times = (key: 'firstMs' | 'lastMs') => counts.flatMap((one) => (one[key] === undefined ? [] : [one[key]]));
  const untilMs = options.untilMs ?? Math.max(...times('lastMs'), options.sinceMs ?? 0);
  const sinceMs = options.sinceMs ?? Math.min(untilMs, ...times('firstMs'));
  const [one, other] = read;
  return {
    window: { since: iso(sinceMs), until: iso(untilMs) },
    clusters: read.map(summary),
    ...(other !== undefined && {
      verdict: judgeGround(troubledMinutes(one!), troubledMinutes(other), {
        fromMinute: Math.floor(sinceMs / MINUTE_MS),
        toMinute: Math.floor(untilMs / MINUTE_MS),
      }),
    }),
  };
}

interface ReadMember {
  readonly errors: MemberErrors;
  readonly counts: TroubleCounts;
}

interface ReadCluster {
  readonly cluster: string;
  readonly members: readonly ReadMember[];
}

async function readCluster({ cluster, level, members }: ClusterLogs, options: SumErrorsOptions): Promise<ReadCluster> {
  return { cluster, members: await Promise.all(members.map((member) => readMember(member, level, options))) };
}

async function readMember(
  { member, open, more }: MemberLogs,
  configured: LogLevel | undefined,
  { sinceMs, untilMs, signal }: SumErrorsOptions,
): Promise<ReadMember> {
  const counts = new TroubleCounts();
  const filter = new LineFilter({ sinceMs, untilMs });
  const notes: string[] = [];
  let source: LogSource | undefined;
  let failure: MemberErrors['failure'];
  const known = more?.() ?? Promise.resolve({});
  try {
    source = await open();
    await source.read({
      ...{ window: { sinceMs, untilMs }, follow: false, signal },
      onLines: (lines) => {
        for (const line of filter.choose(lines)) counts.add(line);
      },
      onNote: (note) => void notes.push(note),
    });
  } catch (error) {
    if (!(error instanceof EtcdperfError)) throw error;
    failure = { message: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  }
  if (counts.texts > counts.understood / 2) notes.push('its lines have no time zone; their times are taken as UTC');
  const level = configured ?? counts.finest;
  const kinds = byKind([...counts.kinds].map(([kind, { count }]) => [kind, count]));
  return {
    counts,
    errors: {
      member,
      ...(source !== undefined && { origin: source.origin }),
      lines: counts.lines,
      understood: counts.understood,
      count: total(Object.values(kinds)),
      kinds,
      ...(level !== undefined && { level }),
      unseen: level === undefined ? [] : unseenAt(level),
      notes,
      ...(await known),
      ...(failure !== undefined && { failure }),
    },
  };
}

/** Kinds whose lines are not written at a level. */
function unseenAt(level: LogLevel): ErrorKindId[] {
  return ERROR_KIND_IDS.filter((kind) => LOG_LEVELS.indexOf(ERROR_KINDS[kind].level) < LOG_LEVELS.indexOf(level));
}

function summary({ cluster, members }: ReadCluster): ClusterErrors {
  return {
    cluster,
    kinds: ERROR_KIND_IDS.flatMap((kind) => kindErrors(kind, members) ?? []),
    members: members.map(({ errors }) => errors),
    minutes: minuteErrors(members),
  };
}

function kindErrors(kind: ErrorKindId, members: readonly ReadMember[]): KindErrors | undefined {
  const found = members.flatMap(({ errors, counts }) => {
    const count = counts.kinds.get(kind);
    return count === undefined ? [] : [{ member: errors.member, ...count }];
  });
  if (found.length === 0) return undefined;
  const worst = found.reduce((a, b) => ((b.worstMs ?? -1) > (a.worstMs ?? -1) ? b : a));
  const { title, cause } = ERROR_KINDS[kind];
  return {
    ...{ kind, title, cause },
    count: total(found.map(({ count }) => count)),
    ...(worst.worstMs !== undefined && { worstMs: worst.worstMs }),
    first: iso(Math.min(...found.map(({ firstMs }) => firstMs))),
    last: iso(Math.max(...found.map(({ lastMs }) => lastMs))),
    members: Object.fromEntries(found.map(({ member, count }) => [member, count])),
    example: { member: worst.member, line: worst.example },
  };
}

function minuteErrors(members: readonly ReadMember[]): MinuteErrors[] {
  const all = [...new Set(members.flatMap(({ counts }) => [...counts.minutes.keys()]))].sort((a, b) => a - b);
  return all.map((minute) => {
    const parts = members.flatMap(({ errors, counts }) => {
      const kinds = counts.minutes.get(minute);
      return kinds === undefined ? [] : [{ member: errors.member, kinds }];
    });
    const ofMember = parts.map(({ member, kinds }) => [member, total([...kinds.values()])] as const);
    return {
      minute: iso(minute * MINUTE_MS),
      count: total(ofMember.map(([, count]) => count)),
      kinds: byKind(parts.flatMap(({ kinds }) => [...kinds])),
      members: Object.fromEntries(ofMember),
    };
  });
}

/** Added up, in the kinds' own order. */
function byKind(counts: readonly (readonly [ErrorKindId, number])[]): Partial<Record<ErrorKindId, number>> {
  const sums = new Map<ErrorKindId, number>();
  for (const [kind, count] of counts) sums.set(kind, (sums.get(kind) ?? 0) + count);
  return Object.fromEntries(ERROR_KIND_IDS.flatMap((kind) => (sums.has(kind) ? [[kind, sums.get(kind)!]] : [])));
}

/** Minutes with trouble that the ground may have made. */
function troubledMinutes({ cluster, members }: ReadCluster): TroubledMinutes {
  const minutes = new Set<number>();
  for (const { counts } of members)
    for (const [minute, kinds] of counts.minutes)
      if ([...kinds.keys()].some((kind) => ERROR_KINDS[kind].cause === 'ground')) minutes.add(minute);
  return { cluster, minutes, isKnown: members.some(({ errors }) => errors.failure === undefined) };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
