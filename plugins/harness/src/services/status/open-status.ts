import {
  type ClusterAccess,
  type ConnectChoices,
  clusterStatus,
  type MemberMetrics,
  memberFigures,
  scrapeMember,
} from '@etcdperf/core/etcd';
import type { ClusterMembers } from '../members/cluster-members.ts';
import { type OpenSubject, openSubject, withNames } from '../open-subject.ts';
import type { Subject } from '../subject.ts';
import type { ClientSockets } from './client-sockets.ts';
import type { MemberReport, PodState, StatusReport } from './status-report.ts';

/** Looks at one cluster, once or again and again. */
export interface StatusSource extends AsyncDisposable {
  /** What can't be reached is a result, not an error. From the second look on, figures are those since the last. */
  look(): Promise<StatusReport>;
}

export interface StatusChoices extends ConnectChoices {
  /** What a member, a host or a pod may take to answer. Default 2500. */
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 2500;

/** A cluster that answers at some URLs, or one with what it runs on. Throws as `openMembers` does. */
export async function openStatus(subject: Subject, choices: StatusChoices = {}): Promise<StatusSource> {
  return new Source(await openSubject(subject, choices), choices);
}

interface PodView {
  readonly states: ReadonlyMap<string, PodState>;
  readonly problems: readonly string[];
}

class Source implements StatusSource {
  readonly #subject: OpenSubject;
  /** On Kubernetes others may take their place. */
  #members: ClusterMembers | undefined;
  readonly #choices: StatusChoices;
  readonly #timeoutMs: number;
  #before = new Map<string, MemberMetrics>();
  /** Pods whose connections can't be seen: asked once. */
  readonly #hidden = new Set<string>();

  constructor(subject: OpenSubject, choices: StatusChoices) {
    this.#subject = subject;
    this.#members = subject.members;
    this.#choices = choices;
    this.#timeoutMs = choices.timeoutMs ?? TIMEOUT_MS;
  }

  async look(): Promise<StatusReport> {
    const { signal } = this.#choices;
    const pods = await this.#followPods();
    const members = this.#members;
    const { access } = members ?? this.#subject;
    const deployed =
      members?.plan === undefined ? undefined : { plan: members.plan, site: (host: string) => siteOf(members, host) };
    const limits = { timeoutMs: this.#timeoutMs, signal };
    const [status, metrics, sockets] = await Promise.all([
      clusterStatus({ access, deployed, ...limits }),
      Promise.all(access.endpoints.map((endpoint) => this.#scrape(access, endpoint))),
      this.#sockets(),
    ]);
    signal?.throwIfAborted();
    return this.#report(status, metrics, sockets, pods);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#members !== this.#subject.members) await this.#members?.[Symbol.asyncDispose]();
    await this.#subject[Symbol.asyncDispose]();
  }

  #report(
    status: Awaited<ReturnType<typeof clusterStatus>>,
    scraped: readonly Scraped[],
    sockets: ReadonlyMap<string, ClientSockets>,
    pods: PodView | undefined,
  ): StatusReport {
    const committed = Math.max(0, ...status.members.map(({ etcd }) => etcd?.raftIndex ?? 0));
    const ours = new Set([...status.ownEnds, ...scraped.flatMap(({ metrics }) => metrics?.from ?? [])]);
    const members = status.members.map((member, index): MemberReport => {
      const { metrics, problem } = scraped[index]!;
      const figures = metrics && memberFigures(metrics, this.#before.get(member.endpoint));
      if (metrics !== undefined) this.#before.set(member.endpoint, metrics);
      const name = this.#members?.members[index]?.name ?? member.name;
      const clients = sockets.get(name);
      const { etcd } = member;
      return {
        ...member,
        name,
        appliedLag: etcd === undefined ? undefined : Math.max(0, committed - etcd.raftAppliedIndex),
        figures,
        figuresProblem: problem,
        connections:
          clients?.kind === 'seen'
            ? clients.sockets.filter(({ address, port }) => !ours.has(`${address}:${port}`)).length
            : undefined,
        pod: pods?.states.get(name),
      };
    });
    const { ownEnds: _, ...rest } = status;
    const told = status.problems.map((problem) => withNames(problem, this.#members));
    const problems = [...told, ...(pods?.problems ?? [])];
    return {
      ...rest,
      cluster: this.#subject.name ?? status.cluster,
      healthy: status.healthy && (pods?.problems.length ?? 0) === 0,
      takenAt: new Date().toISOString(),
      members,
      problems,
    };
  }

  async #scrape(access: ClusterAccess, endpoint: string): Promise<Scraped> {
    const { signal } = this.#choices;
    return scrapeMember(access, endpoint, { signal, timeoutMs: this.#timeoutMs }).then(
      (metrics) => ({ metrics, problem: undefined }),
      (error: Error) => ({ metrics: undefined, problem: error.message }),
    );
  }

  /** The members' pods as they are now; where they are others than before, the members are found anew. */
  async #followPods(): Promise<PodView | undefined> {
    const members = this.#members;
    if (members?.members[0]?.kind !== 'pod') return undefined;
    const { lookAtPods } = await import('./look-at-pods.ts');
    const look = await lookAtPods(members, this.#choices);
    this.#members = look.members;
    return look;
  }

  async #sockets(): Promise<ReadonlyMap<string, ClientSockets>> {
    const members = this.#members;
    if (members === undefined) return new Map();
    const { clientSockets } = await import('./client-sockets.ts');
    const seen = await clientSockets({
      members: members.members.filter(({ name }) => !this.#hidden.has(name)),
      podPort: members.found.config.members[0]?.clientPort ?? 2379,
      timeoutMs: this.#timeoutMs,
      signal: this.#choices.signal,
    });
    for (const { name, kind } of members.members)
      if (kind === 'pod' && seen.get(name)?.kind === 'hidden') this.#hidden.add(name);
    return seen;
  }
}

interface Scraped {
  readonly metrics: MemberMetrics | undefined;
  readonly problem: string | undefined;
}

function siteOf({ members }: ClusterMembers, host: string) {
  const member = members.find((one) => one.kind === 'process' && one.plan.host === host);
  return (member as Extract<typeof member, { kind: 'process' }>).site;
}
