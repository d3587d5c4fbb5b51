import { setTimeout as sleep } from 'node:timers/promises';
import { EtcdperfError } from '@etcdperf/core/errors';
import { type ClusterAccess, lookAtMember, surveyCluster } from '@etcdperf/core/etcd';
import { WireClient, WireError } from '@etcdperf/core/wire';
import { type CareLock, takeCareLock } from '../members/care-lock.ts';
import { type ClusterState, clusterState, type StateMember } from './cluster-state.ts';
import { compactHistory } from './compact-history.ts';
import type { Compaction, DefragMember, DefragOutcome, DefragReport, DefragResult } from './defrag-report.ts';

export interface DefragOptions {
  readonly cluster?: string | undefined;
  /** Makes reasons readable: names for endpoints that mean nothing to a user. */
  readonly withNames?: ((text: string) => string) | undefined;
  /** Forget all revisions but the last `keepRevisions` first. */
  readonly compact?: { readonly keepRevisions: number } | undefined;
  /** A member whose database file is in use to this percentage or more is left as it is. */
  readonly thresholdPercent?: number | undefined;
  /** The leader hands over before its turn. Default: it is defragmented while it leads. */
  readonly moveLeader?: boolean | undefined;
  /** What one member may take. */
  readonly memberTimeoutMs: number;
  /** What the cluster may take to be well again after a member. */
  readonly settleTimeoutMs: number;
  /** A member that has begun is waited for. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

/**
 * Defragments one member after the other, whoever leads then last, and each only while all are well; a lock in etcd
 * keeps other restarts and defragmentations out. Refused where a member is down or the lock is taken; it stops at the
 * first member that fails.
 */
export async function defragCluster(access: ClusterAccess, options: DefragOptions): Promise<DefragReport> {
  const { signal } = options;
  const whole = await wholeCluster(access, signal);
  const state = await clusterState(whole, signal);
  const work = new Defragmentation(whole, options);
  if (state.kind === 'unwell')
    return work.end({ kind: 'refused', reason: state.reason, hint: 'etcdperf harness:status tells more' });
  let lock: CareLock | undefined;
  try {
    lock = await takeCareLock(whole, 'defragmentation', signal);
  } catch (error) {
    signal?.throwIfAborted();
    // A lock is a write, and there is no room for one: to make some is what this is for.
    if (error instanceof WireError && error.reason === 'no-space') work.note(FULL_NOTE);
    else if (error instanceof EtcdperfError)
      return work.end({ kind: 'refused', reason: error.message, hint: error.hint });
    else throw error;
  }
  await using _ = lock;
  return work.run(state, lock?.lost);
}

const FULL_NOTE =
  'the database is full (alarm NOSPACE), so no lock could be taken: nothing kept another defragmentation out';
const ALARM_NOTE = 'the alarm NOSPACE stays until it is disarmed: etcdctl alarm disarm';
const LOOK_EVERY_MS = 200;

/** With every member that etcd lists and that can be reached from here, also where not all were given. */
async function wholeCluster(access: ClusterAccess, signal: AbortSignal | undefined): Promise<ClusterAccess> {
  const { members } = await surveyCluster(access, signal);
  const reached = members.filter(({ isGiven, status }) => isGiven || status.kind === 'up');
  return { ...access, endpoints: reached.map(({ endpoint }) => endpoint) };
}

class Defragmentation {
  readonly #access: ClusterAccess;
  readonly #options: DefragOptions;
  readonly #done: DefragMember[] = [];
  readonly #notes: string[] = [];
  #all: readonly StateMember[] = [];
  #compaction: Compaction | undefined;

  constructor(access: ClusterAccess, options: DefragOptions) {
    this.#access = access;
    this.#options = options;
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  /** @param lost aborted when somebody else may hold the lock */
  async run(first: ClusterState & { kind: 'well' }, lost: AbortSignal | undefined): Promise<DefragReport> {
    const { compact, signal, onStep } = this.#options;
    this.#all = first.members;
    if (first.isFull) this.note(ALARM_NOTE);
    try {
      if (compact !== undefined) {
        const revision = Math.max(...first.members.map(({ status }) => status.revision));
        onStep?.(`compacting to revision ${revision - compact.keepRevisions}`);
        this.#compaction = await compactHistory(this.#access, { revision, keep: compact.keepRevisions, signal });
      }
      for (;;) {
        if (this.#done.length < this.#all.length) signal?.throwIfAborted();
        lost?.throwIfAborted();
        const state = await this.#whenWell();
        if (state.kind === 'unwell') return this.end({ kind: 'failed', reason: `stopped: ${state.reason}` });
        const next = this.#next(state);
        if (next === undefined) return this.end({ kind: 'done' });
        const result = await this.#defragment(next, state);
        this.#done.push({ name: next.name, endpoint: next.endpoint, result });
        if (result.kind === 'failed') return this.end({ kind: 'failed', reason: `${next.name}: ${result.reason}` });
      }
    } catch (error) {
      if (signal?.aborted) return this.end({ kind: this.#done.length < this.#all.length ? 'interrupted' : 'done' });
      if (!(error instanceof EtcdperfError)) throw error;
      return this.end({ kind: 'failed', reason: error.message, hint: error.hint });
    }
  }

  end(ended: DefragOutcome): DefragReport {
    const { withNames = (text) => text } = this.#options;
    const outcome = 'reason' in ended ? { ...ended, reason: withNames(ended.reason) } : ended;
    const left = this.#all.filter(({ endpoint }) => !this.#isDone(endpoint));
    return {
      cluster: this.#options.cluster,
      outcome,
      compaction: this.#compaction,
      members: [
        ...this.#done,
        ...left.map(({ name, endpoint }) => ({ name, endpoint, result: { kind: 'not begun' as const } })),
      ],
      notes: this.#notes,
    };
  }

  #isDone(endpoint: string): boolean {
    return this.#done.some((member) => member.endpoint === endpoint);
  }

  /** Whoever leads comes last, also where another leads by now. */
  #next({ members, leader }: ClusterState & { kind: 'well' }): StateMember | undefined {
    const left = members.filter(({ endpoint }) => !this.#isDone(endpoint));
    return left.find(({ endpoint }) => endpoint !== leader.endpoint) ?? left[0];
  }

  async #whenWell(): Promise<ClusterState> {
    const { settleTimeoutMs, signal, onStep } = this.#options;
    for (const deadline = Date.now() + settleTimeoutMs; ; ) {
      const state = await clusterState(this.#access, signal);
      if (state.kind === 'well' || Date.now() > deadline) return state;
      onStep?.(`waiting until all members are well: ${state.reason}`);
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }

  async #defragment(member: StateMember, state: ClusterState & { kind: 'well' }): Promise<DefragResult> {
    const { thresholdPercent, moveLeader, memberTimeoutMs, onStep } = this.#options;
    const { dbSizeBytes, dbSizeInUseBytes } = member.status;
    const inUse = (dbSizeInUseBytes / dbSizeBytes) * 100;
    if (thresholdPercent !== undefined && inUse >= thresholdPercent)
      return { kind: 'skipped', reason: `${Math.floor(inUse)} % of its database is in use` };
    let asLeader = member.endpoint === state.leader.endpoint;
    try {
      const { tls, auth } = this.#access;
      // No signal: the member goes on with what it has begun, whoever waits for it.
      await using client = await WireClient.connect({ endpoints: [member.endpoint], tls, auth });
      if (asLeader && moveLeader === true) asLeader = !(await this.#handOver(client, state));
      onStep?.(`defragmenting ${member.name} (${this.#done.length + 1} of ${state.members.length})`);
      const begun = performance.now();
      await client.defragment({ timeoutMs: memberTimeoutMs });
      const ms = performance.now() - begun;
      const { status } = await lookAtMember(this.#access, member.endpoint, { timeoutMs: memberTimeoutMs });
      if (status.kind === 'down') return { kind: 'failed', reason: `it was defragmented, and then: ${status.error}` };
      return { kind: 'defragmented', beforeBytes: dbSizeBytes, afterBytes: status.dbSizeBytes, ms, asLeader };
    } catch (error) {
      if (!(error instanceof EtcdperfError)) throw error;
      return { kind: 'failed', reason: error.message };
    }
  }

  /** To a member that is done, if there is one. Tells whether another leads now. */
  async #handOver(leader: WireClient, { members, leader: old }: ClusterState & { kind: 'well' }): Promise<boolean> {
    const { onStep } = this.#options;
    const heir = members.find(({ endpoint, status }) => endpoint !== old.endpoint && !status.isLearner);
    if (heir === undefined) return false;
    onStep?.(`${old.name} hands over to ${heir.name}`);
    await leader.moveLeader(BigInt(`0x${heir.status.memberId}`));
    return true;
  }
}
