import { EtcdperfError, InputError, type InputProblem, OperationError } from '@etcdperf/core/errors';
import { type ClusterHosts, inspectMembers, type MemberFinding, portConflict } from '@etcdperf/core/etcd';
import { fanOut } from '@etcdperf/core/ssh';
import { type MemberDirs, memberDirs, RestoreSite } from './restore-site.ts';

/** One member, what was found of it, and what is going to lie where. */
export interface Prospect {
  readonly dirs: MemberDirs;
  readonly finding: MemberFinding;
  readonly isRunning: boolean;
  readonly hasData: boolean;
  /** It doesn't run, and another process has one of its ports. */
  readonly takenPort: number | undefined;
}

/** Looks at all members on all hosts; touches nothing. Throws OperationError with every host that can't be looked at. */
export async function lookBeforeRestore(
  { plan, site }: ClusterHosts,
  id: string,
  signal: AbortSignal | undefined,
): Promise<readonly Prospect[]> {
  const hosts = [...new Set(plan.members.map((member) => member.host))].map((name) => ({ name }));
  const looks = await fanOut(
    hosts,
    async ({ name }): Promise<Prospect[]> => {
      const members = plan.members.filter((member) => member.host === name);
      const [found, mounts] = await Promise.all([
        inspectMembers(site(name), members, signal),
        new RestoreSite(name, site(name)).findMounts(
          members.map((member) => member.dataDir),
          signal,
        ),
      ]);
      return members.map((member, index): Prospect => {
        const finding = found.members[index]!;
        const isRunning = finding.daemon.kind === 'running';
        const taken = [member.clientPort, member.peerPort].find(
          (port) => portConflict(found.listening, member.address, port) !== undefined,
        );
        return {
          dirs: memberDirs(member, id, mounts[index] ?? false),
          finding,
          isRunning,
          hasData: finding.data.kind !== 'none',
          takenPort: isRunning ? undefined : taken,
        };
      });
    },
    { signal },
  );
  signal?.throwIfAborted();
  const failures = looks.flatMap((look) => (look.status === 'failed' ? [look] : []));
  for (const { error } of failures) if (!(error instanceof EtcdperfError)) throw error;
  if (failures.length > 0)
    throw new OperationError(
      `${failures.length} of ${hosts.length} hosts can't be looked at; nothing was touched\n${failures.map(({ host, error }) => `${host}: ${error.message}`).join('\n')}`,
      { where: failures.map(({ host }) => host).join(', '), hint: 'all members are restored, or none' },
    );
  const prospects = looks.flatMap((look) => (look.status === 'ok' ? look.value : []));
  return plan.members.map((member) => prospects.find(({ dirs }) => dirs.member.name === member.name)!);
}

export interface RestorePermissions {
  /** Data that is there may be set aside. */
  readonly force: boolean;
  /** Members that run may be stopped. */
  readonly stop: boolean;
}

/** Throws InputError with every member that stands in the way. Pure. */
export function requirePermission(
  cluster: string,
  prospects: readonly Prospect[],
  { force, stop }: RestorePermissions,
): void {
  const problems = prospects.flatMap((prospect) => problemsOf(cluster, prospect, force, stop));
  if (problems.length === 0) return;
  const hints = [...new Set(problems.flatMap(({ hint }) => hint ?? []))];
  throw new InputError(
    `cluster ${cluster} can't be restored as it is; nothing was touched\n${problems.map(({ where, message }) => `${where}: ${message}`).join('\n')}`,
    { where: `cluster ${cluster}`, hint: hints.join('; ') },
  );
}

function problemsOf(cluster: string, prospect: Prospect, force: boolean, stop: boolean): InputProblem[] {
  const { dirs, finding, isRunning, hasData, takenPort } = prospect;
  const where = dirs.member.name;
  const { data } = finding;
  if (data.kind === 'not-a-directory') return [{ where, message: `${dirs.dataDir} is not a directory` }];
  if (data.kind === 'marked' && data.marker.cluster !== cluster)
    return [{ where, message: `${dirs.dataDir} holds data of cluster ${data.marker.cluster}`, hint: FOREIGN }];
  if (data.kind !== 'none' && data.inUse && !isRunning)
    return [
      { where, message: `an etcd that etcdperf did not start has ${dirs.dataDir} open`, hint: 'end that etcd first' },
    ];
  return [
    ...(takenPort === undefined
      ? []
      : [{ where, message: `port ${takenPort} is in use by another process`, hint: 'end that process first' }]),
    ...(isRunning && !stop ? [{ where, message: 'it runs', hint: '--stop ends the members first' }] : []),
    ...(hasData && !force
      ? [{ where, message: `there is data in ${dirs.dataDir}`, hint: '--force sets it aside, to be removed by hand' }]
      : []),
  ];
}

const FOREIGN = 'give the member another dataDir, or remove that data with harness:delete --data';
