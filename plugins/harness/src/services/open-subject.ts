import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { ClusterMembers } from './members/cluster-members.ts';
import type { ConnectChoices } from './open-cluster-hosts.ts';
import type { Subject } from './subject.ts';

/** A cluster that can be spoken to, with its members where it is known what they run in. */
export interface OpenSubject extends AsyncDisposable {
  /** Undefined for one that was only named by URLs. */
  readonly name: string | undefined;
  readonly access: ClusterAccess;
  readonly members: ClusterMembers | undefined;
}

/** Throws as `openMembers` does. */
export async function openSubject(subject: Subject, choices: ConnectChoices = {}): Promise<OpenSubject> {
  if (subject.kind === 'at')
    return {
      name: undefined,
      access: subject.access,
      members: undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
  const { openMembers } = await import('./members/cluster-members.ts');
  const members = await openMembers(subject.found, choices);
  return {
    name: subject.found.config.name,
    access: members.access,
    members,
    [Symbol.asyncDispose]: () => members[Symbol.asyncDispose](),
  };
}
