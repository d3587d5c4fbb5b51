import { daemonLog } from '@etcdperf/core/daemon';
import { OperationError } from '@etcdperf/core/errors';
import type { ClusterMember, ProcessMember } from '../members/cluster-members.ts';
import type { LogSource } from './log-source.ts';
import { hasJournal, readJournal } from './read-journal.ts';
import { readLogFile } from './read-log-file.ts';
import { readPodLog } from './read-pod-log.ts';

export interface OpenLogOptions {
  /** The systemd unit that members run as where etcdperf did not start them. */
  readonly unit: string;
  readonly signal?: AbortSignal | undefined;
}

/** Where a member's log is. Throws OperationError where its host has none, or doesn't answer. */
export async function openLog(member: ClusterMember, options: OpenLogOptions): Promise<LogSource> {
  if (member.kind === 'process') return openHostLog(member, options);
  const { name, namespace, pod, node } = member;
  return {
    member: name,
    origin: { kind: 'pod', namespace, pod, node },
    read: (reading) => readPodLog(member, reading),
  };
}

/** The file that etcdperf's daemon writes; where there is none, what the unit's journal has. */
async function openHostLog({ name, plan, site }: ProcessMember, options: OpenLogOptions): Promise<LogSource> {
  const { executor, workDir } = site;
  const { unit, signal } = options;
  const path = daemonLog(workDir, plan.daemon);
  const { code } = await executor.run(['test', '-e', path], { signal });
  const host = executor.name;
  if (code === 0) {
    return {
      member: name,
      origin: { kind: 'file', host, path },
      read: (reading) => readLogFile(executor, path, reading),
    };
  }
  const journal = { unit };
  if (await hasJournal(executor, journal, signal))
    return {
      member: name,
      origin: { kind: 'journal', host, unit },
      read: (reading) => readJournal(executor, journal, reading),
    };
  throw new OperationError(`no log of member ${name}: no ${path}, and nothing of unit ${unit} in the journal`, {
    where: host,
    hint: 'was the cluster deployed? Members that run as another systemd unit: name it with --unit',
  });
}
