import { EtcdperfError, InputError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { ClusterPlan, MemberPlan } from './cluster-plan.ts';
import type { MemberStep } from './decide-step.ts';
import type { MemberResult } from './deploy-report.ts';
import { type EtcdFinding, ensureEtcdBinary } from './ensure-etcd-binary.ts';
import { inspectMembers, type MemberSite } from './inspect-members.ts';
import { installTlsFiles } from './install-tls-files.ts';
import { removeMember, startMember, stopMember, whyExited } from './member-process.ts';
import type { MemberRecord } from './member-record.ts';
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

export type Decision =
  | MemberStep
  | { readonly kind: 'unreachable'; readonly reason: string; readonly hint?: string | undefined };

/** One member and what is to be done about it. */
export interface Undertaking {
  readonly member: MemberPlan;
  readonly wanted: MemberRecord;
  readonly decision: Decision;
  /** What its host has of etcd; undefined where it can't be reached. */
  readonly etcd: EtcdFinding | undefined;
}

/** The part of a deployment that changes hosts, and can take its changes back. */
export class Deployment {
  readonly results = new Map<string, MemberResult>();
  private readonly options: DeployOptions;
  private readonly undertakings: readonly Undertaking[];
  private readonly binaries = new Map<string, Promise<string>>();
  private readonly attempted = new Set<Undertaking>();

  constructor(options: DeployOptions, undertakings: readonly Undertaking[]) {
    this.options = options;
    this.undertakings = undertakings;
  }

  /** Whether there is anything to take back. */
  get hasStarted(): boolean {
    return this.attempted.size > 0;
  }

  /** All new members at once, as they wait for each other; then restarts, one after the other. */
  async startAll(): Promise<void> {
    const fresh = this.undertakings.filter((one) => one.decision.kind === 'start');
    const binaries = await Promise.allSettled(
      this.undertakings
        .filter((one) => one.decision.kind === 'start' || one.decision.kind === 'restart')
        .map(async (one) => this.attempt(one, () => this.binary(one))),
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

  /** Members that run as wanted still get the certificates of today: they read them for each connection. */
  async renewCertificates(): Promise<void> {
    const { tls, site, signal } = this.options;
    if (tls === undefined) return;
    const kept = this.undertakings.filter((one) => one.decision.kind === 'keep');
    const work = kept.map((one) =>
      this.attempt(one, async () => {
        const changed = await installTlsFiles(site(one.member.host), one.member.tlsDir, tls, signal);
        if (changed.length === 0 || one.decision.kind !== 'keep') return;
        const { pid, nofile } = one.decision;
        this.results.set(one.member.name, { kind: 'new certificates', pid, nofile });
      }),
    );
    throwFirst(await Promise.allSettled(work));
  }

  /** Returns the leader's name. */
  async waitForHealth(): Promise<string | undefined> {
    const { access, signal, onStep, timeoutMs = 60_000 } = this.options;
    const reachable = this.undertakings.filter((one) => one.decision.kind !== 'unreachable');
    const endpoints = reachable.map((one) => one.member.clientUrl);
    const health = await waitHealthy(
      { ...access, endpoints },
      {
        timeoutMs,
        signal,
        onStep,
        stillHopeful: async () =>
          throwFirst(await Promise.allSettled([...this.attempted].map((one) => this.check(one)))),
      },
    );
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
    const binary = await this.binary(one);
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
      // Wrong input (an etcd that doesn't fit) is nobody's failure but the input's.
      const isInput = error instanceof InputError;
      if (this.options.signal?.aborted || isInput || !(error instanceof EtcdperfError)) throw error;
      this.results.set(one.member.name, { kind: 'failed', reason: error.message, hint: error.hint });
      const rest = this.hasStarted ? '; what was started is taken back' : '';
      throw new MemberFailed(`member ${one.member.name} on ${one.member.host} failed${rest}`, { cause: error });
    }
  }

  private binary({ member: { host }, etcd: found }: Undertaking): Promise<string> {
    const { plan, site, signal, onStep } = this.options;
    let binary = this.binaries.get(host);
    if (binary === undefined) {
      const { executor, workDir } = site(host);
      const onDownload = (version: string) => onStep?.(`downloading etcd ${version}`);
      binary = ensureEtcdBinary(executor, workDir, { version: plan.config.version, found, signal, onDownload }).then(
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
