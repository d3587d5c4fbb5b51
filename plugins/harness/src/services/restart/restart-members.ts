import { setTimeout as sleep } from 'node:timers/promises';
import { EtcdperfError, OperationError } from '@etcdperf/core/errors';
import { takeCareLock } from '../members/care-lock.ts';
import type { ClusterMember, ClusterMembers } from '../members/cluster-members.ts';
import { type ClusterView, ClusterWatch, whyNotWell } from '../members/cluster-watch.ts';
import { endPod } from '../members/end-pod.ts';
import { chooseMembers, type MemberChoice } from './choose-members.ts';
import { moveLeadership } from './move-leadership.ts';
import { restartProcess } from './restart-process.ts';
import type { MemberRestart, RestartReport } from './restart-report.ts';

export interface RestartOptions extends MemberChoice {
  /** Between a member that is well again and the next. */
  readonly pauseMs: number;
  /** How long a member may take to be well again. */
  readonly timeoutMs: number;
  /** How many entries a member may be behind when it counts as caught up. */
  readonly maxLag: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

/**
 * Restarts members one after the other, as nodes that reboot would, and never while another one is not well. A member
 * that has been stopped is always started again: a Ctrl-C takes effect before it or after it. Throws InputError for a
 * name that no member has, OperationError where the cluster can't spare a member or another restart is under way.
 */
export async function restartMembers(cluster: ClusterMembers, options: RestartOptions): Promise<RestartReport> {
  const startedAt = performance.now();
  const { access, members, found } = cluster;
  const watch = new ClusterWatch(access, members);
  const before = await firstLook(watch);
  options.signal?.throwIfAborted();
  const chosen = chooseMembers(members, options, before.leader);
  requireAllWell(before);
  await using lock = await takeCareLock(access, 'restart', options.signal);
  const signal = AbortSignal.any([lock.lost, ...(options.signal === undefined ? [] : [options.signal])]);

  const results = new Map<string, MemberRestart>();
  const report = (outcome: RestartReport['outcome']): RestartReport => ({
    cluster: found.config.name,
    outcome,
    members: chosen.map((member) => ({
      name: member.name,
      host: hostOf(member),
      result: results.get(member.name) ?? { kind: 'not restarted' },
    })),
    notes: notesOn(members),
    durationMs: Math.round(performance.now() - startedAt),
  });
  const work = new Restarts(cluster, watch, { ...options, signal });
  for (const [index, member] of chosen.entries()) {
    try {
      if (index > 0) await pause(options, signal);
      results.set(member.name, await work.restart(member));
    } catch (error) {
      if (options.signal?.aborted === true) {
        if (work.begun.has(member.name)) results.set(member.name, INTERRUPTED);
        return report({ kind: 'interrupted' });
      }
      if (!(error instanceof EtcdperfError)) throw error;
      const { message: reason, hint } = error;
      results.set(member.name, { kind: 'failed', reason, hint });
      return report({ kind: 'failed', reason: `${member.name}: ${reason.split('\n')[0]}` });
    }
  }
  return report({ kind: 'restarted' });
}

const INTERRUPTED: MemberRestart = {
  kind: 'failed',
  reason: 'it was restarted, and not waited for any longer',
  hint: 'etcdperf harness:status tells whether it is well',
};

/** One after the other; what was done before decides who gets the leadership next. */
class Restarts {
  /** Members that were stopped, whatever became of them. */
  readonly begun = new Set<string>();
  readonly #cluster: ClusterMembers;
  readonly #watch: ClusterWatch;
  readonly #options: RestartOptions;

  constructor(cluster: ClusterMembers, watch: ClusterWatch, options: RestartOptions) {
    this.#cluster = cluster;
    this.#watch = watch;
    this.#options = options;
  }

  async restart(member: ClusterMember): Promise<MemberRestart> {
    const { signal, onStep } = this.#options;
    const before = await this.#watch.waitWell(this.#options);
    // To one whose turn is over, so that leadership moves once; else to the one whose turn is last.
    const { members } = this.#cluster;
    const candidates = [...members.filter(({ name }) => this.begun.has(name)), ...members.toReversed()];
    if (before.leader === member.name) onStep?.(`${member.name} leads: handing leadership on`);
    const leadershipTo = await moveLeadership(this.#cluster.access, member, candidates, before);
    signal?.throwIfAborted();
    onStep?.(`restarting ${member.name}`);
    this.begun.add(member.name);
    // Without the signal, or with a controller that starts it in any case: what is stopped is started.
    const stoppedMs = await (member.kind === 'process'
      ? restartProcess(member)
      : endPod(member, 'gently', this.#options));
    const startedAt = performance.now();
    const since = () => Math.round(stoppedMs + performance.now() - startedAt);
    await this.#watch.waitAnswering(member.name, this.#options);
    const downMs = since();
    const after = await this.#watch.waitWell(this.#options);
    const leaderChanges = after.term - before.term;
    return { kind: 'restarted', downMs, caughtUpMs: since(), leadershipTo, leaderChanges };
  }
}

/** Members of a busy machine may not answer at once: who isn't well is looked at again, with more patience. */
async function firstLook(watch: ClusterWatch): Promise<ClusterView> {
  const view = await watch.look(2000);
  return whyNotWell(view) === undefined ? view : watch.look(8000);
}

/** A member that is down already, and one that is being restarted, are two. */
function requireAllWell(view: ClusterView): void {
  const why = whyNotWell(view);
  if (why === undefined) return;
  const well = view.members.filter(({ problem }) => problem === undefined).length;
  const quorum = Math.floor(view.members.length / 2) + 1;
  throw new OperationError(
    well < quorum || view.leader === undefined
      ? `the cluster has no quorum, and can't spare a member: ${why}`
      : `another member is not well, and the cluster can't spare one more: ${why}`,
    {
      where: view.members.map(({ name }) => name).join(', '),
      hint: 'etcdperf harness:deploy starts members that are down',
    },
  );
}

function notesOn(members: readonly ClusterMember[]): string[] {
  if (members.length > 2) return [];
  return [`a cluster of ${members.length} has no quorum while one of its members is down`];
}

async function pause({ pauseMs, onStep }: RestartOptions, signal: AbortSignal): Promise<void> {
  if (pauseMs === 0) return;
  onStep?.(`pausing ${pauseMs / 1000} s`);
  await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
}

function hostOf(member: ClusterMember): string {
  return member.kind === 'process' ? member.plan.host : (member.node ?? '');
}
