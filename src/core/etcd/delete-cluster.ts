import { EtcdperfError } from '../errors/index.ts';
import { type ClusterPlan, daemonPrefix, type MemberPlan } from './cluster-plan.ts';
import { findLeftovers } from './find-leftovers.ts';
import { inspectMembers, type MemberFinding, type MemberSite } from './inspect-members.ts';
import { removeMember } from './member-process.ts';

export interface DeleteOptions {
  readonly plan: ClusterPlan;
  readonly site: (host: string) => MemberSite;
  /** Also data in the members' data directories that isn't of this cluster, unless an etcd has it open. */
  readonly foreignData?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

export type DeleteResult =
  /** What was there and has gone (or, in a dry run, would go). */
  | { readonly kind: 'removed' | 'would remove'; readonly what: readonly ('process' | 'data')[] }
  | { readonly kind: 'nothing there' }
  /** Its own things are gone; data of somebody else was left where it is. */
  | { readonly kind: 'left'; readonly reason: string; readonly hint: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly hint?: string | undefined };

export interface DeleteReport {
  readonly cluster: string;
  readonly members: readonly { readonly name: string; readonly host: string; readonly result: DeleteResult }[];
  readonly ok: boolean;
}

/**
 * Ends all members of a cluster and removes their data, certificates and daemon folders, on all hosts at once. Members
 * that the inventory has no more, but whose hosts it still has, go too. Idempotent; a host that fails stops no other.
 */
export async function deleteCluster(options: DeleteOptions): Promise<DeleteReport> {
  const { plan, signal, onStep } = options;
  const hosts = [...new Set(plan.members.map((member) => member.host))];
  onStep?.(`removing cluster ${plan.config.name} from ${hosts.length === 1 ? hosts[0] : `${hosts.length} hosts`}`);
  const results = await Promise.all(hosts.map((host) => deleteOn(host, options)));
  signal?.throwIfAborted();
  const members = results.flat();
  const bad = members.some(({ result }) => result.kind === 'failed' || result.kind === 'left');
  return { cluster: plan.config.name, members, ok: !bad };
}

async function deleteOn(host: string, options: DeleteOptions): Promise<DeleteReport['members'][number][]> {
  const { plan, signal } = options;
  const members = plan.members.filter((member) => member.host === host);
  const failed = (error: unknown): DeleteResult => {
    if (signal?.aborted || !(error instanceof EtcdperfError)) throw error;
    return { kind: 'failed', reason: error.message, hint: error.hint };
  };
  try {
    const site = options.site(host);
    const prefix = daemonPrefix(plan.config.name);
    // Of the whole cluster: two hosts of an inventory may be one machine.
    const known = new Set(plan.members.map((member) => member.daemon));
    const [found, leftovers] = await Promise.all([
      inspectMembers(site, members, signal),
      findLeftovers(site, prefix, known, signal),
    ]);
    const planned = members.map(async (member, index) => ({
      name: member.name,
      host,
      result: await deleteMember(site, member, found.members[index]!, options).catch(failed),
    }));
    const left = leftovers.map(async ({ member, dataDir }) => {
      const paths = { daemon: member, dataDir, tlsDir: `${site.workDir}/tls/${plan.config.name}/${member}` };
      const result: DeleteResult = { kind: options.dryRun ? 'would remove' : 'removed', what: ['process', 'data'] };
      return {
        name: member.slice(prefix.length),
        host,
        result: options.dryRun ? result : await removeMember(site, paths, true).then(() => result, failed),
      };
    });
    return await Promise.all([...planned, ...left]);
  } catch (error) {
    const result = failed(error);
    return members.map((member) => ({ name: member.name, host, result }));
  }
}

async function deleteMember(
  site: MemberSite,
  member: MemberPlan,
  finding: MemberFinding,
  options: DeleteOptions,
): Promise<DeleteResult> {
  const { data, daemon } = finding;
  const own = data.kind === 'marked' && data.marker.cluster === options.plan.config.name;
  const foreign = data.kind === 'unmarked' || (data.kind === 'marked' && !own);
  // Our own daemon's lock goes with it; a lock on data that isn't its own is held by somebody else.
  const busy = foreign && data.inUse;
  const removesData = own || (foreign && options.foreignData === true && !busy);
  if (options.dryRun !== true) await removeMember(site, member, removesData);
  if (foreign && !removesData)
    return {
      kind: 'left',
      reason: `${member.dataDir} holds data of ${data.kind === 'marked' ? `cluster ${data.marker.cluster}` : 'another etcd'}${busy ? ', which runs' : ''}`,
      hint: busy ? 'end that etcd first' : 'harness:delete --data removes it too',
    };
  const what = [
    ...(daemon.kind === 'absent' ? [] : (['process'] as const)),
    ...(removesData ? (['data'] as const) : []),
  ];
  if (what.length === 0) return { kind: 'nothing there' };
  return { kind: options.dryRun === true ? 'would remove' : 'removed', what };
}
