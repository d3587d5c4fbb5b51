import { setTimeout as sleep } from 'node:timers/promises';
import { OperationError } from '@etcdperf/core/errors';
import { type ClusterAccess, lookAtMember, lookAtMembers, type UpEndpoint } from '@etcdperf/core/etcd';
import type { ClusterMember } from './cluster-members.ts';

/** One member at one moment; `problem` where it isn't well. */
export interface MemberView {
  readonly name: string;
  readonly problem: string | undefined;
  readonly status: UpEndpoint | undefined;
}

/** A cluster at one moment. */
export interface ClusterView {
  /** In the members' order. */
  readonly members: readonly MemberView[];
  /** The name of the leader that all follow. */
  readonly leader: string | undefined;
  /** The highest that a member tells. Each election makes it one more. */
  readonly term: number;
}

export interface WaitWellOptions {
  readonly timeoutMs: number;
  /** How many entries a member may be behind the others. */
  readonly maxLag: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

const LOOK_EVERY_MS = 100;
const LOOK_MS = 1000;

/** Looks at all members of a cluster, again and again. */
export class ClusterWatch {
  readonly #access: ClusterAccess;
  readonly #names: readonly string[];

  constructor(access: ClusterAccess, members: readonly ClusterMember[]) {
    this.#access = { ...access, endpoints: members.map((member) => member.clientUrl) };
    this.#names = members.map((member) => member.name);
  }

  /** One look, through raft. Never rejects. */
  async look(timeoutMs = LOOK_MS): Promise<ClusterView> {
    const { health } = await lookAtMembers(this.#access, { timeoutMs });
    const members = health.endpoints.map(
      ({ status, reason }, index): MemberView => ({
        name: this.#names[index] ?? status.endpoint,
        problem: reason,
        status: status.kind === 'up' ? status : undefined,
      }),
    );
    return {
      members,
      leader: members.find(({ status }) => status !== undefined && status.memberId === health.leader)?.name,
      term: Math.max(0, ...members.map(({ status }) => status?.raftTerm ?? 0)),
    };
  }

  /** Waits until one member answers its clients and follows a leader. */
  async waitAnswering(name: string, options: Omit<WaitWellOptions, 'maxLag'>): Promise<void> {
    const endpoint = this.#access.endpoints[this.#names.indexOf(name)]!;
    await this.#until(options, async () => {
      const { status, read } = await lookAtMember(this.#access, endpoint, { timeoutMs: LOOK_MS });
      const why = status.kind === 'down' ? status.error : read;
      return why === undefined ? undefined : `${name}: ${why}`;
    });
  }

  /** Waits until every member is well and none is more than `maxLag` entries behind. */
  async waitWell(options: WaitWellOptions): Promise<ClusterView> {
    let view = await this.look();
    await this.#until(options, async (isFirst) => {
      if (!isFirst) view = await this.look();
      return whyNotWell(view) ?? whyBehind(view, options.maxLag);
    });
    return view;
  }

  /** Until `check` finds nothing missing. Throws OperationError at the limit, and the signal's reason. */
  async #until(
    { timeoutMs, signal, onStep }: Omit<WaitWellOptions, 'maxLag'>,
    check: (isFirst: boolean) => Promise<string | undefined>,
  ): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (let isFirst = true; ; isFirst = false) {
      const missing = await check(isFirst);
      signal?.throwIfAborted();
      if (missing === undefined) return;
      onStep?.(`waiting: ${missing}`);
      if (performance.now() >= deadline)
        throw new OperationError(`not well after ${timeoutMs / 1000} s: ${missing}`, {
          where: this.#access.endpoints.join(', '),
          hint: 'etcdperf harness:status and harness:logs tell more',
        });
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

/** Who isn't well, in one sentence; undefined where all are and follow one leader. */
export function whyNotWell(view: ClusterView): string | undefined {
  const [bad, ...more] = view.members.filter(({ problem }) => problem !== undefined);
  if (bad !== undefined) return `${bad.name}: ${bad.problem}${more.length > 0 ? ` (and ${more.length} more)` : ''}`;
  return view.leader === undefined ? 'no leader that all follow' : undefined;
}

function whyBehind(view: ClusterView, maxLag: number): string | undefined {
  const newest = Math.max(...view.members.map(({ status }) => status?.raftIndex ?? 0));
  const behind = view.members.find(({ status }) => newest - (status?.raftAppliedIndex ?? 0) > maxLag);
  return behind && `${behind.name} is ${newest - (behind.status?.raftAppliedIndex ?? 0)} entries behind`;
}
