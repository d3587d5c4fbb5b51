import { scrapeMember } from '@etcdperf/core/etcd';
import type { OpenSubject } from '../open-subject.ts';
import { type ClientSockets, clientSockets } from '../status/client-sockets.ts';
import { addressNames } from './address-names.ts';
import type { Client, ConnectionsReport, MemberConnections } from './connections-report.ts';
import { memberUsage } from './member-usage.ts';

export interface ConnectionsOptions {
  /** What a member, a host or a pod may take to answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Who is connected, from the sockets of the machine or pod that each member runs in, and what its metrics tell. What
 * can't be reached is a result, not an error.
 */
export async function findConnections(subject: OpenSubject, options: ConnectionsOptions): Promise<ConnectionsReport> {
  const { access, members } = subject;
  // Before anything connects to a member: so none of these sockets is ours.
  const [sockets, names] =
    members === undefined
      ? [new Map<string, ClientSockets>(), new Map<string, string>()]
      : await Promise.all([
          clientSockets({
            members: members.members,
            podPort: members.found.config.members[0]?.clientPort ?? 2379,
            ...options,
          }),
          addressNames(members, options.signal),
        ]);
  const reports = await Promise.all(
    access.endpoints.map(async (endpoint, index): Promise<MemberConnections> => {
      const name = members?.members[index]?.name ?? endpoint;
      const usage = await scrapeMember(access, endpoint, options).then(
        (metrics) => ({ usage: memberUsage(metrics), problem: undefined }),
        (error: Error) => ({ usage: undefined, problem: error.message }),
      );
      return { name, endpoint, connections: countOf(sockets.get(name)), ...usage };
    }),
  );
  options.signal?.throwIfAborted();
  const inPods = members?.members.some(({ kind }) => kind === 'pod') === true;
  return {
    cluster: subject.name,
    members: reports,
    clients: clientsOf(sockets, names),
    notes: [
      ...(inPods ? ['connections from within a member’s own pod (probes, forwarded ports) are left out'] : []),
      ...(reports.some(({ connections }) => connections.kind === 'hidden')
        ? ['of members whose connections can’t be seen, streams and open files tell how many clients there may be']
        : []),
    ],
  };
}

function countOf(sockets: ClientSockets | undefined): MemberConnections['connections'] {
  if (sockets === undefined) return { kind: 'hidden', reason: 'what it runs on is not known' };
  return sockets.kind === 'seen' ? { kind: 'seen', count: sockets.sockets.length } : sockets;
}

function clientsOf(sockets: ReadonlyMap<string, ClientSockets>, names: ReadonlyMap<string, string>): Client[] {
  const byAddress = new Map<string, Map<string, number>>();
  for (const [member, found] of sockets) {
    for (const { address } of found.kind === 'seen' ? found.sockets : []) {
      const counts = byAddress.get(address) ?? new Map<string, number>();
      byAddress.set(address, counts.set(member, (counts.get(member) ?? 0) + 1));
    }
  }
  return [...byAddress]
    .map(([address, counts]) => ({
      address,
      name: names.get(address),
      connections: Object.fromEntries(counts),
      total: [...counts.values()].reduce((sum, count) => sum + count, 0),
    }))
    .sort((a, b) => b.total - a.total);
}
