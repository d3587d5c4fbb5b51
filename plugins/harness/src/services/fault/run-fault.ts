import { setTimeout as sleep } from 'node:timers/promises';
import { measureClock } from '@etcdperf/core/clock';
import { EtcdperfError, InputError } from '@etcdperf/core/errors';
import type { ClusterMembers, ProcessMember } from '../members/cluster-members.ts';
import { ClusterWatch } from '../members/cluster-watch.ts';
import { breakPod } from './break-pod.ts';
import { chooseVictim } from './choose-victim.ts';
import { notesOn, refuseIndistinct, refuseOwnDisk, whoAmI } from './fault-notes.ts';
import type { FaultOutcome, FaultReport, ReportedMoment } from './fault-report.ts';
import { describeFault, type FaultRecord, type FaultSpec } from './fault-spec.ts';
import { type BegunFault, beginFault, endFault, type HostMoment, WATCH_MARGIN_MS } from './host-faults.ts';
import { ServiceProbe } from './service-probe.ts';

export interface FaultOptions {
  /** A member's name, `leader` or `follower`. */
  readonly member: string;
  readonly spec: FaultSpec;
  readonly forMs: number;
  /** How long the cluster is waited for afterwards. */
  readonly recoverMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

const RETRY_EVERY_MS = 250;
/** As `harness:restart` has it. */
const MAX_LAG = 100;

/**
 * Breaks a member for a time and mends it: at the end of that time, on an abort, and by its host's own timer where this
 * process or its connection has died by then. Throws InputError for what can't be done (nothing was touched) and
 * OperationError where it could not be begun.
 */
export async function runFault(cluster: ClusterMembers, options: FaultOptions): Promise<FaultReport> {
  const { access, members } = cluster;
  const { spec, signal, onStep } = options;
  const watch = new ClusterWatch(access, members);
  const before = await watch.look(3000);
  signal?.throwIfAborted();
  const victim = chooseVictim(members, options.member, before.leader);
  const others = members.filter(({ name }) => name !== victim.name);
  const probe = new ServiceProbe(
    access,
    (others.length > 0 ? others : members).map(({ clientUrl }) => clientUrl),
  );
  try {
    const broken = await (victim.kind === 'process'
      ? breakProcess(cluster, victim, options)
      : breakPod(victim, options));
    const recovered = performance.now();
    const isHere = broken.outcome.kind === 'ended';
    if (isHere) onStep?.('waiting until the cluster is well again');
    const wait = { timeoutMs: options.recoverMs, maxLag: MAX_LAG, signal };
    const isWell =
      isHere &&
      (await watch.waitWell(wait).then(
        () => true,
        () => false,
      ));
    const recoveredMs = isWell ? Math.round(performance.now() - recovered) : undefined;
    const withoutServiceMs = Math.round(probe.longestGapMs());
    const after = await watch.look();
    return {
      cluster: cluster.found.config.name,
      member: victim.name,
      host: victim.kind === 'process' ? victim.plan.host : (victim.node ?? ''),
      fault: spec,
      ...broken,
      effect: {
        leaderBefore: before.leader,
        leaderAfter: after.leader,
        leaderChanges: Math.max(0, after.term - before.term),
        withoutServiceMs,
        recoveredMs,
      },
      notes: notesOn(spec, victim, others),
    };
  } finally {
    await probe.stop();
  }
}

/** What breaking one member came to. */
export type Broken = Pick<FaultReport, 'outcome' | 'method' | 'began' | 'ended' | 'heldMs'>;

async function breakProcess(cluster: ClusterMembers, victim: ProcessMember, options: FaultOptions): Promise<Broken> {
  const { spec, forMs, signal, onStep } = options;
  const peers = (cluster.plan?.members ?? []).filter(({ name }) => name !== victim.name);
  refuseIndistinct(spec, victim.plan, peers);
  refuseOwnDisk(spec, victim.site);
  const { executor } = victim.site;
  const clock = await measureClock(executor, { signal });
  const record: FaultRecord = {
    cluster: cluster.found.config.name,
    member: victim.name,
    ...{ spec, forMs, who: whoAmI(), since: new Date().toISOString() },
  };
  onStep?.(`${describeFault(spec)}: ${victim.name}`);
  // Without the signal from here on: what is begun is ended.
  const begun = await beginFault(victim, record, peers);
  const begunAt = performance.now();
  onStep?.(`${describeFault(spec)}: ${victim.name}, for ${forMs / 1000} s`);
  await sleep(forMs, undefined, { signal }).catch(() => undefined);
  onStep?.(`mending ${victim.name}`);
  const { outcome, moment } = await mend(victim, begun, begunAt + forMs, signal?.aborted === true);
  // A clock that was put wrong tells no durations.
  const isSkewed = spec.kind === 'skew';
  const heldMs = isSkewed ? performance.now() - begunAt : moment && Number(moment.afterNs - begun.beforeNs) / 1e6;
  return {
    outcome,
    method: begun.detail,
    began: reported(begun, clock.errorBarMs),
    ended: moment === undefined || isSkewed ? undefined : reported(moment, clock.errorBarMs),
    heldMs: heldMs === undefined ? undefined : Math.round(heldMs),
  };
}

/** Tries until the host's own timer must have done it. */
async function mend(
  victim: ProcessMember,
  { id }: BegunFault,
  dueAt: number,
  wasInterrupted: boolean,
): Promise<{ outcome: FaultOutcome; moment: HostMoment | undefined }> {
  for (;;) {
    try {
      const moment = await endFault(victim.site, id);
      if (moment === undefined)
        return { outcome: { kind: 'left to the host', reason: 'its timer was quicker' }, moment };
      return { outcome: { kind: wasInterrupted ? 'interrupted' : 'ended' }, moment };
    } catch (error) {
      if (!(error instanceof EtcdperfError) || error instanceof InputError) throw error;
      if (performance.now() > dueAt + WATCH_MARGIN_MS)
        return { outcome: { kind: 'left to the host', reason: error.message }, moment: undefined };
      await sleep(RETRY_EVERY_MS);
    }
  }
}

function reported({ beforeNs, afterNs }: HostMoment, clockErrorMs: number): ReportedMoment {
  const tookMs = Number(afterNs - beforeNs) / 1e6;
  const at = new Date(Number(beforeNs) / 1e6 + tookMs / 2).toISOString();
  return { at, errorMs: Math.round((clockErrorMs + tookMs / 2) * 10) / 10 };
}
