import { type ClusterAccess, lookAtMember, lookAtMembers, type MemberLook } from '@etcdperf/core/etcd';
import { type TriedWay, WAY_KINDS, type Way } from './endpoints-report.ts';

export interface TryOptions {
  /** What one way may take. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Each with verification of the certificate, login and a read through raft, all at once. A way that leads to another
 * cluster than `own` fails. Rejects with the signal's reason only.
 *
 * @param own how the cluster is known to be reached, if it is
 */
export async function tryWays(
  access: ClusterAccess,
  ways: readonly Way[],
  own: ClusterAccess | undefined,
  options: TryOptions,
): Promise<TriedWay[]> {
  const [known, looks] = await Promise.all([
    own === undefined ? undefined : lookAtMembers(own, options),
    Promise.all(ways.map((way) => lookAtMember(access, way.url, options))),
  ]);
  options.signal?.throwIfAborted();
  const clusterId = known?.looks.flatMap(({ status }) => (status.kind === 'up' ? [status.clusterId] : []))[0];
  const tried: TriedWay[] = [];
  for (const [index, way] of ways.entries()) {
    const result = judge(looks[index]!, clusterId);
    // So many handshakes at once keep each other waiting: how quick a way is tells a second look, by itself.
    const alone = result.kind === 'works' ? await lookAtMember(access, way.url, options) : undefined;
    tried.push({ ...way, result: alone?.readMs === undefined ? result : judge(alone, clusterId) });
  }
  options.signal?.throwIfAborted();
  return tried.sort((a, b) => WAY_KINDS.indexOf(a.kind) - WAY_KINDS.indexOf(b.kind));
}

function judge({ status, read, readMs, listed }: MemberLook, clusterId: string | undefined): TriedWay['result'] {
  if (status.kind === 'down') return { kind: 'fails', reason: status.error };
  if (clusterId !== undefined && status.clusterId !== clusterId)
    return { kind: 'fails', reason: `it leads to another cluster (${status.clusterId})` };
  if (read !== undefined || readMs === undefined)
    return { kind: 'fails', reason: `a read through raft failed: ${read}` };
  const member = listed.find(({ id }) => id === status.memberId)?.name ?? '';
  return { kind: 'works', member: member === '' ? status.memberId : member, readMs };
}
