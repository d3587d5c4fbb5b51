import { WireClient, WireError } from '../wire/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { type ClusterHealth, judgeHealth } from './cluster-health.ts';
import { describeEtcdError } from './describe-etcd-error.ts';
import { describeWireError } from './describe-wire-error.ts';
import { type EndpointStatus, type MemberInfo, memberInfo, upFromWire } from './member-status.ts';

/** What one endpoint answered, asked for all that tells whether it works. */
export interface MemberLook {
  readonly endpoint: string;
  readonly status: EndpointStatus;
  /** Why a read through raft failed; undefined where it worked. */
  readonly read: string | undefined;
  /** How long that read took; undefined where it failed. */
  readonly readMs: number | undefined;
  /** Our end of the connection, as `address:port`; undefined where there was none. */
  readonly from: string | undefined;
  /** The members as this one lists them; empty where it doesn't tell. */
  readonly listed: readonly MemberInfo[];
}

/** One look at all endpoints. */
export interface ClusterLook {
  /** In the order of the endpoints. */
  readonly looks: readonly MemberLook[];
  readonly health: ClusterHealth;
  readonly listed: readonly MemberInfo[];
}

export interface LookOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One linearizable read per endpoint, then its status: only what goes through raft proves that a member works. All are
 * asked at once, each over a connection of its own; an endpoint that hangs is `down` when the time is over. Rejects with
 * the signal's reason only.
 */
export async function lookAtMembers(access: ClusterAccess, options: LookOptions): Promise<ClusterLook> {
  const looks = await Promise.all(access.endpoints.map((endpoint) => lookAtMember(access, endpoint, options)));
  options.signal?.throwIfAborted();
  const statuses = looks.map((look) => look.status);
  return {
    looks,
    health: judgeHealth(
      statuses,
      looks.map((look) => look.read),
      alarmsOf(statuses),
    ),
    listed: looks.find((look) => look.listed.length > 0)?.listed ?? [],
  };
}

/** The same of one endpoint. Never rejects. */
export async function lookAtMember(
  access: ClusterAccess,
  endpoint: string,
  { timeoutMs, signal }: LookOptions,
): Promise<MemberLook> {
  const deadline = performance.now() + timeoutMs;
  const left = () => Math.max(1, deadline - performance.now());
  try {
    const { tls, auth } = access;
    const limits = { dialTimeoutMs: timeoutMs, requestTimeoutMs: timeoutMs };
    await using client = await WireClient.connect({ endpoints: [endpoint], tls, auth, ...limits }, signal);
    // A user's rights may not reach so far; then there are no names.
    const listing = client.memberList({ signal, timeoutMs: left() }).catch(() => []);
    // First the read: while a new leader is elected it waits, and the status then tells of the new one.
    const begun = performance.now();
    const read = await readThrough(client, performance.now() + (left() * 2) / 3, signal);
    const readMs = read === undefined ? performance.now() - begun : undefined;
    const from = client.connection?.localAddress;
    const status = upFromWire(endpoint, await client.status({ signal, timeoutMs: left() }));
    return { endpoint, status, read, readMs, from, listed: (await listing).map(memberInfo) };
  } catch (error) {
    const why = error instanceof WireError ? describeWireError(error, endpoint) : describeEtcdError(error);
    return {
      endpoint,
      status: { kind: 'down', endpoint, error: why },
      read: undefined,
      readMs: undefined,
      from: undefined,
      listed: [],
    };
  }
}

/** Why a read through raft fails; undefined where it works. */
async function readThrough(
  client: WireClient,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  for (;;) {
    try {
      await client.range('health', { countOnly: true, timeoutMs: Math.max(1, deadline - performance.now()), signal });
      return undefined;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      // A user without a right to that key got an answer all the same.
      if (error.reason === 'permission-denied') return undefined;
      // The old leader went while the read waited: the new one is worth another read.
      if (!/leader changed/.test(error.message) || performance.now() >= deadline)
        return describeWireError(error, client.endpoint);
    }
  }
}

/** Every member tells the alarms of all. */
function alarmsOf(statuses: readonly EndpointStatus[]): ClusterHealth['alarms'] {
  const alarms = new Map<string, ClusterHealth['alarms'][number]>();
  for (const status of statuses) {
    for (const error of status.kind === 'up' ? status.errors : []) {
      const [, id, alarm] = /memberID:\s*(\d+)\s+alarm:\s*(\w+)/.exec(error) ?? [];
      if (id === undefined || alarm === undefined) continue;
      const memberId = BigInt(id).toString(16);
      alarms.set(`${memberId} ${alarm}`, { memberId, alarm });
    }
  }
  return [...alarms.values()];
}
