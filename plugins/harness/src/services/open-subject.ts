import type { Inventory } from '@etcdperf/core/config';
import { InterruptedError } from '@etcdperf/core/errors';
import type { ClusterAccess, ConnectChoices } from '@etcdperf/core/etcd';
import type { ClusterMembers } from './members/cluster-members.ts';
import type { Subject } from './subject.ts';

/** A cluster that can be spoken to, with its members where it is known what they run in. */
export interface OpenSubject extends AsyncDisposable {
  /** Undefined for one that was only named by URLs. */
  readonly name: string | undefined;
  readonly access: ClusterAccess;
  readonly members: ClusterMembers | undefined;
  /** The inventory that describes it. */
  readonly inventory: Inventory | undefined;
}

/** Throws as `openMembers` does. */
export async function openSubject(subject: Subject, choices: ConnectChoices = {}): Promise<OpenSubject> {
  if (subject.kind === 'at')
    return {
      name: undefined,
      access: subject.access,
      members: undefined,
      inventory: undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
  const { openMembers } = await import('./members/cluster-members.ts');
  const { found, inventory } = subject;
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, ...(choices.signal === undefined ? [] : [choices.signal])]);
  const members = await openMembers(found, { ...choices, signal });
  return {
    name: found.config.name,
    access: members.access,
    members,
    inventory: inventory?.clusters.has(found.config.name) === true ? inventory : undefined,
    [Symbol.asyncDispose]: async () => {
      // Ends connecting to hosts that are down, so that closing doesn't wait for it.
      done.abort(new InterruptedError());
      await members[Symbol.asyncDispose]();
    },
  };
}

/** A text with members' names in place of forwarded ports, which mean nothing to anybody but the command that has them. */
export function withNames(text: string, members: ClusterMembers | undefined): string {
  let named = text;
  for (const member of members?.members ?? [])
    if (member.kind === 'pod') named = named.replaceAll(member.clientUrl, member.name);
  return named;
}
