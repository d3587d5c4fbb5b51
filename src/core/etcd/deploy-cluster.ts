import { randomUUID } from 'node:crypto';
import { EtcdperfError, InterruptedError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { ClusterPlan, MemberPlan } from './cluster-plan.ts';
import { openCluster } from './control-client.ts';
import { decideStep, type MemberStep } from './decide-step.ts';
import { type DeployedMember, type DeployReport, deployedMember, type MemberResult } from './deploy-report.ts';
import { ensureEtcdBinary } from './ensure-etcd-binary.ts';
import { inspectMembers, type MemberSite } from './inspect-members.ts';
import { removeMember, startMember, stopMember, whyExited } from './member-process.ts';
import { type MemberRecord, memberRecord } from './member-record.ts';
import type { TlsFiles } from './tls-files.ts';
import { waitHealthy } from './wait-healthy.ts';

export interface DeployOptions {
  readonly plan: ClusterPlan;
  /** How clients reach it, to wait for its health. */
  readonly access: ClusterAccess;
  readonly tls: TlsFiles | undefined;
  /** The machine of a member's host. Connecting may fail at its first use. */
  readonly site: (host: string) => MemberSite;
  /** Open files for each member. */
  readonly nofile?: number | undefined;
  /** Whether members that run with other settings are restarted. */
  readonly restart?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  /** How long the cluster may take to become healthy. Default 60 s. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

type Decision =
  | MemberStep
  | { readonly kind: 'unreachable'; readonly reason: string; readonly hint?: string | undefined };

interface Undertaking {
  readonly member: MemberPlan;
  readonly wanted: MemberRecord;
  readonly decision: Decision;
}

/**
 * Brings a cluster to the state its plan describes. Looks first, on all hosts; where anything is in the way nothing is
 * touched. What runs as wanted stays untouched. If a member fails, or on Ctrl-C (which rejects), what this deployment
 * started is taken back, with the data of members that had none before.
 */
export async function deployCluster(options: DeployOptions): Promise<DeployReport> {
  const startedAt = performance.now();
  const { plan } = options;
  const undertakings = await lookAndDecide(options);
  const report = (
    outcome: DeployReport['outcome'],
    result: (one: Undertaking) => MemberResult,
    leader?: string,
  ): DeployReport => ({
    cluster: plan.config.name,
    version: plan.config.version,
    endpoints: plan.members.map((member) => member.clientUrl),
    outcome,
    members: undertakings.map((one): DeployedMember => deployedMember(one.member, result(one))),
    leader,
    durationMs: Math.round(performance.now() - startedAt),
  });

  const obstacle = whatIsInTheWay(undertakings);
  if (obstacle !== undefined) return report({ kind: 'refused', reason: obstacle }, (one) => idle(one, false));
  if (options.dryRun) return report({ kind: 'planned' }, (one) => idle(one, true));

  const work = new Deployment(options, undertakings);
  try {
    await work.startAll();
    const leader = await work.waitForHealth();
    const absent = undertakings.filter((one) => one.decision.kind === 'unreachable').length;
    return report(
      absent > 0
        ? { kind: 'failed', reason: `${absent} of ${undertakings.length} members could not be looked after` }
        : { kind: undertakings.every((one) => one.decision.kind === 'keep') ? 'unchanged' : 'deployed' },
      (one) => work.results.get(one.member.name) ?? idle(one, false),
      leader,
    );
  } catch (error) {
    options.onStep?.('taking back what was started');
    await work.takeBack();
    if (options.signal?.aborted) throw options.signal.reason ?? new InterruptedError();
    if (!(error instanceof EtcdperfError)) throw error;
    return report(
      { kind: 'failed', reason: error.message, hint: error.hint },
      (one) => work.results.get(one.member.name) ?? idle(one, false),
    );
  }
}

async function lookAndDecide(options: DeployOptions): Promise<Undertaking[]> {
  const { plan, site, signal, tls } = options;
  const deployment = randomUUID();
  const hosts = [...new Set(plan.members.map((member) => member.host))];
  options.onStep?.(hosts.length === 1 ? `looking at ${hosts[0]}` : `looking at ${hosts.length} hosts`);
  const perHost = await Promise.all(
    hosts.map(async (host): Promise<Undertaking[]> => {
      const members = plan.members.filter((member) => member.host === host);
      const wanted = members.map((member) => memberRecord(plan, member, tls, deployment));
      try {
        const found = await inspectMembers(site(host), members, signal);
        return members.map((member, index) => {
          const finding = found.members[index]!;
          const { listening } = found;
          const restart = options.restart ?? false;
          const decision = decideStep({ member, wanted: wanted[index]!, finding, listening, restart });
          return { member, wanted: wanted[index]!, decision };
        });
      } catch (error) {
        if (signal?.aborted || !(error instanceof EtcdperfError)) throw error;
        const decision = { kind: 'unreachable', reason: error.message, hint: error.hint } as const;
        return members.map((member, index) => ({ member, wanted: wanted[index]!, decision }));
      }
    }),
  );
  const found = new Map(perHost.flat().map((one) => [one.member.name, one]));
  return plan.members.map((member) => found.get(member.name)!);
}

/**
 * Members that are refused stop everything. A host that can't be reached stops only the first start of a cluster: one
 * that has its data is better off with the members that can be started.
 */
function whatIsInTheWay(undertakings: readonly Undertaking[]): string | undefined {
  const count = (kind: Decision['kind']) => undertakings.filter((one) => one.decision.kind === kind).length;
  const of = `of ${undertakings.length} members`;
  if (count('refuse') > 0) return `${count('refuse')} ${of} can't be deployed; nothing was touched`;
  const unreachable = count('unreachable');
  const fresh = undertakings.some((one) => one.decision.kind === 'start' && one.decision.fresh);
  if (unreachable === undertakings.length) return 'no host could be reached';
  return unreachable > 0 && fresh
    ? `the hosts of ${unreachable} ${of} can't be reached; nothing was touched`
    : undefined;
}

function idle({ decision }: Undertaking, dryRun: boolean): MemberResult {
  switch (decision.kind) {
    case 'keep':
      return { kind: 'unchanged', pid: decision.pid, nofile: decision.nofile };
    case 'start':
      return { kind: dryRun ? 'would start' : 'not started' };
    case 'restart':
      return { kind: dryRun ? 'would restart' : 'not started' };
    case 'refuse':
      return { kind: 'refused', reason: decision.reason, hint: decision.hint };
    case 'unreachable':
      return decision;
    default:
      return decision satisfies never;
  }
}

/** The part of a deployment that changes hosts, and can take its changes back. */
class Deployment {
  readonly results = new Map<string, MemberResult>();
  private readonly options: DeployOptions;
  private readonly undertakings: readonly Undertaking[];
  private readonly binaries = new Map<string, Promise<string>>();
  private readonly attempted = new Set<Undertaking>();

  constructor(options: DeployOptions, undertakings: readonly Undertaking[]) {
    this.options = options;
    this.undertakings = undertakings;
  }

  /** All new members at once, as they wait for each other; then restarts, one after the other. */
  async startAll(): Promise<void> {
    const fresh = this.undertakings.filter((one) => one.decision.kind === 'start');
    const binaries = await Promise.allSettled(
      this.undertakings
        .filter((one) => one.decision.kind === 'start' || one.decision.kind === 'restart')
        .map(async (one) => this.attempt(one, () => this.binary(one.member.host))),
    );
    throwFirst(binaries);
    if (fresh.length > 0) this.options.onStep?.(`starting ${fresh.map((one) => one.member.name).join(', ')}`);
    throwFirst(await Promise.allSettled(fresh.map((one) => this.attempt(one, () => this.start(one, 'started')))));
    for (const one of this.undertakings) {
      if (one.decision.kind !== 'restart') continue;
      this.options.onStep?.(`restarting ${one.member.name}`);
      await this.attempt(one, async () => {
        await stopMember(this.options.site(one.member.host), one.member.daemon);
        await this.start(one, 'restarted');
      });
      await this.waitForHealth();
    }
  }

  /** Returns the leader's name. */
  async waitForHealth(): Promise<string | undefined> {
    const { access, signal, onStep, timeoutMs = 60_000 } = this.options;
    const reachable = this.undertakings.filter((one) => one.decision.kind !== 'unreachable');
    const endpoints = reachable.map((one) => one.member.clientUrl);
    using client = openCluster({ ...access, endpoints });
    const health = await waitHealthy(client, {
      timeoutMs,
      signal,
      onStep,
      stillHopeful: async () => throwFirst(await Promise.allSettled([...this.attempted].map((one) => this.check(one)))),
    });
    const leader = health.endpoints.find(({ status }) => status.kind === 'up' && status.isLeader)?.endpoint;
    return reachable.find((one) => one.member.clientUrl === leader)?.member.name;
  }

  /** Ends what this deployment started, never what another one did. Says nothing of what fails: the cause is told. */
  async takeBack(): Promise<void> {
    await Promise.allSettled(
      [...this.attempted].map(async (one) => {
        const { member, decision, wanted } = one;
        const site = this.options.site(member.host);
        const [found] = (await inspectMembers(site, [member])).members;
        const isOurs = found?.record?.deployment === wanted.deployment;
        if (!isOurs && found?.daemon.kind === 'running') return;
        if (decision.kind === 'start' && decision.fresh) await removeMember(site, member, true);
        else await stopMember(site, member.daemon);
        if (this.results.get(member.name)?.kind !== 'failed') this.results.set(member.name, { kind: 'taken back' });
      }),
    );
  }

  private async start(one: Undertaking, kind: 'started' | 'restarted'): Promise<void> {
    const { plan, tls, nofile, signal, site } = this.options;
    const { member, wanted: record } = one;
    const binary = await this.binary(member.host);
    this.attempted.add(one);
    const daemon = await startMember(site(member.host), { plan, member, record, tls, binary, nofile, signal });
    this.results.set(member.name, { kind, pid: daemon.pid, nofile: daemon.limits.nofile });
  }

  private async check(one: Undertaking): Promise<void> {
    const { site, signal } = this.options;
    await this.attempt(one, async () => {
      const words = await whyExited(site(one.member.host), one.member, signal);
      if (words !== undefined) throw new MemberFailed(words);
    });
  }

  /** Notes a member's failure, and passes it on as the deployment's. */
  private async attempt<T>(one: Undertaking, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.options.signal?.aborted || !(error instanceof EtcdperfError)) throw error;
      this.results.set(one.member.name, { kind: 'failed', reason: error.message, hint: error.hint });
      throw new MemberFailed(`member ${one.member.name} on ${one.member.host} failed; what was started is taken back`, {
        cause: error,
      });
    }
  }

  private binary(host: string): Promise<string> {
    const { plan, site, signal, onStep } = this.options;
    let binary = this.binaries.get(host);
    if (binary === undefined) {
      const { executor, workDir } = site(host);
      const onDownload = (version: string) => onStep?.(`downloading etcd ${version}`);
      binary = ensureEtcdBinary(executor, workDir, { version: plan.config.version, signal, onDownload }).then(
        (found) => found.path,
      );
      this.binaries.set(host, binary);
    }
    return binary;
  }
}

class MemberFailed extends EtcdperfError {
  readonly exitCode = 1;
}

function throwFirst(results: readonly PromiseSettledResult<unknown>[]): void {
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
