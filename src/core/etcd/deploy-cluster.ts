import { randomUUID } from 'node:crypto';
import { EtcdperfError, InputError, InterruptedError } from '../errors/index.ts';
import { type ClusterPlan, memberArgv, memberFlags } from './cluster-plan.ts';
import { decideStep } from './decide-step.ts';
import { type DeployedMember, type DeployReport, deployedMember, type MemberResult } from './deploy-report.ts';
import { type Decision, Deployment, type DeployOptions, type Undertaking } from './deployment.ts';
import { findEtcd } from './ensure-etcd-binary.ts';
import { inspectMembers } from './inspect-members.ts';
import { memberRecord } from './member-record.ts';
import { requireCertificates } from './require-certificates.ts';

/**
 * Brings a cluster to the state its plan describes. Looks first, on all hosts; where anything is in the way nothing is
 * touched, as with certificates that can't be used (InputError). What runs as wanted stays untouched, and gets new
 * certificates where there are any. If a member fails, or on Ctrl-C (which rejects), what this deployment started is
 * taken back, with the data of members that had none before.
 */
export async function deployCluster(options: DeployOptions): Promise<DeployReport> {
  const startedAt = performance.now();
  const { plan } = options;
  const addresses = plan.members.map((member) => member.address);
  await requireCertificates(plan.config, { server: addresses, peer: addresses });
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
  if (obstacle !== undefined) return report({ kind: 'refused', reason: obstacle }, idle);
  if (options.dryRun) return report({ kind: 'planned' }, (one) => intended(plan, one));

  const work = new Deployment(options, undertakings);
  try {
    await work.renewCertificates();
    await work.startAll();
    const leader = await work.waitForHealth();
    const absent = undertakings.filter((one) => one.decision.kind === 'unreachable').length;
    return report(
      absent > 0
        ? { kind: 'failed', reason: `${absent} of ${undertakings.length} members could not be looked after` }
        : { kind: undertakings.every((one) => isUntouched(one, work)) ? 'unchanged' : 'deployed' },
      (one) => work.results.get(one.member.name) ?? idle(one),
      leader,
    );
  } catch (error) {
    if (work.hasStarted) options.onStep?.('taking back what was started');
    await work.takeBack();
    if (options.signal?.aborted) throw options.signal.reason ?? new InterruptedError();
    if (!(error instanceof EtcdperfError) || error instanceof InputError) throw error;
    return report(
      { kind: 'failed', reason: error.message, hint: error.hint },
      (one) => work.results.get(one.member.name) ?? idle(one),
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
        const { executor, workDir } = site(host);
        const [found, etcd] = await Promise.all([
          inspectMembers(site(host), members, signal),
          findEtcd(executor, workDir, plan.config.version, signal),
        ]);
        return members.map((member, index) => {
          const finding = found.members[index]!;
          const { listening } = found;
          const restart = options.restart ?? false;
          const decision = decideStep({ member, wanted: wanted[index]!, finding, listening, restart });
          return { member, wanted: wanted[index]!, decision, etcd };
        });
      } catch (error) {
        if (signal?.aborted || !(error instanceof EtcdperfError)) throw error;
        const decision = { kind: 'unreachable', reason: error.message, hint: error.hint } as const;
        return members.map((member, index) => ({ member, wanted: wanted[index]!, decision, etcd: undefined }));
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

function isUntouched({ decision, member }: Undertaking, { results }: Deployment): boolean {
  return decision.kind === 'keep' && !results.has(member.name);
}

/** What a dry run tells of a member. */
function intended(plan: ClusterPlan, one: Undertaking): MemberResult {
  const { decision, member, etcd } = one;
  const argv = () => memberArgv(etcd?.path ?? 'etcd', memberFlags(plan, member));
  if (decision.kind === 'start') return { kind: 'would start', argv: argv() };
  if (decision.kind !== 'restart') return idle(one);
  return { kind: 'would restart', argv: argv(), differences: decision.differences };
}

function idle({ decision }: Undertaking): MemberResult {
  switch (decision.kind) {
    case 'keep':
      return { kind: 'unchanged', pid: decision.pid, nofile: decision.nofile };
    case 'start':
    case 'restart':
      return { kind: 'not started' };
    case 'refuse':
      return { kind: 'refused', reason: decision.reason, hint: decision.hint };
    case 'unreachable':
      return decision;
    default:
      return decision satisfies never;
  }
}
