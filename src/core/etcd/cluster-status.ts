import { EtcdperfError, OperationError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { ClusterHealth, EndpointHealth } from './cluster-health.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { inspectMembers, type MemberSite } from './inspect-members.ts';
import { lookAtMembers } from './look-at-members.ts';
import type { MemberInfo, UpEndpoint } from './member-status.ts';
import { lastWords } from './readable-log.ts';

/** A member's process, as its host tells. */
export type MemberProcess =
  | { readonly kind: 'running'; readonly pid: number; readonly nofile: number; readonly startedAt: string }
  | { readonly kind: 'exited'; readonly how: string; readonly lastWords: string }
  | { readonly kind: 'absent' }
  /** The host can't be asked. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface MemberStatus {
  readonly name: string;
  readonly endpoint: string;
  readonly host: string | undefined;
  readonly healthy: boolean;
  /** Why it isn't healthy. */
  readonly reason: string | undefined;
  /** What it says of itself; undefined where it doesn't answer. */
  readonly etcd: UpEndpoint | undefined;
  /** Only where the cluster's hosts are known. */
  readonly process: MemberProcess | undefined;
  readonly alarms: readonly string[];
}

export interface ClusterStatus {
  readonly cluster: string | undefined;
  readonly healthy: boolean;
  readonly leader: string | undefined;
  readonly members: readonly MemberStatus[];
  /** One sentence for each thing that is wrong. */
  readonly problems: readonly string[];
}

/** A status, and what asking for it left on the members' side. */
interface AskedStatus extends ClusterStatus {
  /** Our ends of the connections that it was asked over, as `address:port`. */
  readonly ownEnds: readonly string[];
}

export interface StatusOptions {
  readonly access: ClusterAccess;
  /** Where the hosts are known: what was deployed and how to get there. */
  readonly deployed?: { readonly plan: ClusterPlan; readonly site: (host: string) => MemberSite } | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Asks etcd and the hosts at the same time; what can't be reached is a result, not an error. */
export async function clusterStatus(options: StatusOptions): Promise<AskedStatus> {
  const { access, deployed, timeoutMs = 2500 } = options;
  const [{ looks, health, listed }, processes] = await Promise.all([
    lookAtMembers(access, { timeoutMs, signal: options.signal }),
    deployed === undefined ? undefined : memberProcesses(deployed, timeoutMs + 1000, options.signal),
  ]);
  options.signal?.throwIfAborted();
  const members = health.endpoints.map((one): MemberStatus => {
    const planned = deployed?.plan.members.find((member) => member.clientUrl === one.endpoint);
    const etcd = one.status.kind === 'up' ? one.status : undefined;
    return {
      name: planned?.name ?? nameOf(one, listed),
      endpoint: one.endpoint,
      host: planned?.host,
      healthy: one.healthy,
      reason: one.reason,
      etcd,
      process: planned === undefined ? undefined : processes?.get(planned.name),
      alarms: health.alarms.filter((alarm) => alarm.memberId === etcd?.memberId).map((alarm) => alarm.alarm),
    };
  });
  const lost = members.filter((member) => member.process?.kind === 'exited');
  return {
    cluster: deployed?.plan.config.name,
    healthy: health.healthy,
    leader: leaderName(health, members, listed),
    members,
    ownEnds: looks.flatMap(({ from }) => from ?? []),
    problems: [...health.problems, ...lost.map((member) => `${member.name} ${processWords(member.process!)}`)],
  };
}

async function memberProcesses(
  { plan, site }: NonNullable<StatusOptions['deployed']>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Map<string, MemberProcess>> {
  const hosts = [...new Set(plan.members.map((member) => member.host))];
  const perHost = await Promise.all(
    hosts.map(async (host): Promise<[string, MemberProcess][]> => {
      const members = plan.members.filter((member) => member.host === host);
      try {
        const found = await within(timeoutMs, host, inspectMembers(site(host), members, signal));
        return members.map((member, index) => [member.name, processOf(found.members[index]!.daemon)]);
      } catch (error) {
        if (signal?.aborted || !(error instanceof EtcdperfError)) throw error;
        return members.map((member) => [member.name, { kind: 'unknown', reason: error.message }]);
      }
    }),
  );
  return new Map(perHost.flat());
}

/** The result, or an OperationError where it takes longer. */
async function within<T>(timeoutMs: number, where: string, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new OperationError(`no answer within ${timeoutMs / 1000} s`, { where })),
    timeoutMs,
  );
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function processOf(daemon: Awaited<ReturnType<typeof inspectMembers>>['members'][number]['daemon']): MemberProcess {
  switch (daemon.kind) {
    case 'absent':
      return { kind: 'absent' };
    case 'running':
      return { kind: 'running', pid: daemon.pid, nofile: daemon.limits.nofile, startedAt: daemon.startedAt };
    case 'exited':
      return {
        kind: 'exited',
        how: daemon.signal ?? (daemon.code === null ? 'nobody saw how' : `exit code ${daemon.code}`),
        lastWords: lastWords(daemon.logTail, 3),
      };
    default:
      return daemon satisfies never;
  }
}

function processWords(process: MemberProcess): string {
  return process.kind === 'exited' ? `has ended (${process.how})` : '';
}

function nameOf(one: EndpointHealth, listed: readonly MemberInfo[]): string {
  const { status } = one;
  const byId = status.kind === 'up' ? listed.find((member) => member.id === status.memberId) : undefined;
  return (byId ?? listed.find((member) => member.clientUrls.includes(one.endpoint)))?.name ?? '';
}

function leaderName(
  health: ClusterHealth,
  members: readonly MemberStatus[],
  listed: readonly MemberInfo[],
): string | undefined {
  if (health.leader === undefined) return undefined;
  const name = listed.find((member) => member.id === health.leader)?.name;
  return name ?? members.find((member) => member.etcd?.isLeader)?.name ?? health.leader;
}
