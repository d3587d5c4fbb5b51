import type { Etcd3 } from 'etcd3';
import { OperationError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { type ClusterHealth, judgeHealth } from './cluster-health.ts';
import { describeEtcdError, isRefusal } from './describe-etcd-error.ts';
import { connectEtcd3, loadEtcd3, probeEndpoint } from './etcd3-connection.ts';
import { type EndpointStatus, hexId, type MemberInfo, type UpEndpoint, upEndpoint } from './member-status.ts';

export interface ControlOptions extends ClusterAccess {
  /** The time limit of one call; with the diagnosis that follows a failure it stays below 5 s. Default 2000. */
  readonly timeoutMs?: number;
}

/** How long looking for an endpoint that answers, and the diagnosis after a failed call, may each take. */
const DIAGNOSIS_MS = 1000;

/** A client for what is done a few times. Nothing is loaded or connected before the first call. */
export function openCluster(options: ControlOptions): ControlClient {
  return new ControlClient(options);
}

/**
 * etcd's control plane over etcd3, one connection per endpoint.
 *
 * Calls about the cluster are tried on one endpoint after the other; what fails ends as an OperationError that names
 * the endpoints and says whether they can't be reached or have no quorum.
 */
export class ControlClient {
  readonly endpoints: readonly string[];
  private readonly options: ControlOptions;
  private readonly timeoutMs: number;
  private readonly connections = new Map<string, Promise<Etcd3>>();
  /** The endpoint that answered last: where the next call goes first. */
  private preferred: string | undefined;

  constructor(options: ControlOptions) {
    this.options = options;
    this.endpoints = options.endpoints;
    this.timeoutMs = options.timeoutMs ?? 2000;
  }

  /** The members as etcd itself lists them. */
  async members(): Promise<MemberInfo[]> {
    const { members } = await this.anyEndpoint((etcd, deadline) => etcd.cluster.memberList({}, { deadline }));
    return members.map((member) => ({
      id: hexId(member.ID),
      name: member.name,
      peerUrls: member.peerURLs,
      clientUrls: member.clientURLs,
      isLearner: member.isLearner,
    }));
  }

  /** Ends a membership, whether or not its member runs. etcd refuses what would cost the quorum. */
  async removeMember(id: string): Promise<void> {
    const ID = BigInt(`0x${id}`).toString();
    await this.anyEndpoint((etcd, deadline) => etcd.cluster.memberRemove({ ID }, { deadline }));
  }

  /** A membership for a member that is yet to start, without data. */
  async addMember(peerUrls: readonly string[]): Promise<void> {
    await this.anyEndpoint((etcd, deadline) => etcd.cluster.memberAdd({ peerURLs: [...peerUrls] }, { deadline }));
  }

  /** Every endpoint's own view, all asked at once. Never rejects: an endpoint that fails is `down`. */
  async status(timeoutMs: number = this.timeoutMs): Promise<EndpointStatus[]> {
    // Before the time begins to run: what loads slowly must not look like members that don't answer.
    await loadEtcd3();
    const deadline = Date.now() + timeoutMs;
    return Promise.all(this.endpoints.map((endpoint) => this.statusOf(endpoint, deadline)));
  }

  /**
   * One linearizable read per endpoint, then its status, and the alarms: only what goes through raft proves that a
   * member works. Never rejects; takes at most about `timeoutMs`.
   */
  async health(timeoutMs: number = this.timeoutMs): Promise<ClusterHealth> {
    await loadEtcd3();
    const deadline = Date.now() + timeoutMs;
    const [endpoints, alarms] = await Promise.all([
      Promise.all(
        this.endpoints.map(async (endpoint) => {
          // First the read: while a new leader is elected it waits, and the status then tells of the new one.
          const read = await this.readThrough(endpoint, deadline - timeoutMs / 3);
          return { read, status: await this.statusOf(endpoint, deadline) };
        }),
      ),
      this.alarms().catch(() => []),
    ]);
    return judgeHealth(
      endpoints.map((one) => one.status),
      endpoints.map((one) => one.read),
      alarms,
    );
  }

  /** The endpoint that leads, if an endpoint knows one. */
  async leader(): Promise<UpEndpoint | undefined> {
    const up = (await this.status()).filter((status) => status.kind === 'up');
    return up.find((status) => status.isLeader);
  }

  /** Alarms that are raised: NOSPACE or CORRUPT, with the member's id. */
  async alarms(): Promise<{ memberId: string; alarm: string }[]> {
    const { alarms } = await this.anyEndpoint((etcd, deadline) => etcd.maintenance.alarm({}, { deadline }));
    return alarms.map((alarm) => ({ memberId: hexId(alarm.memberID), alarm: String(alarm.alarm).toUpperCase() }));
  }

  /** A linearizable read of one key; null where there is none. */
  async get(key: string): Promise<Buffer | null> {
    return this.anyEndpoint((etcd, deadline) => etcd.get(key).options({ deadline }).buffer());
  }

  /** One write. Tried once on each endpoint at most, so it may have happened although it failed. */
  async put(key: string, value: string | Buffer): Promise<void> {
    await this.anyEndpoint((etcd, deadline) => etcd.put(key).value(value).options({ deadline }));
  }

  /** Deletes one key; tells whether it was there. */
  async delete(key: string): Promise<boolean> {
    const result = await this.anyEndpoint((etcd, deadline) => etcd.delete().key(key).options({ deadline }).exec());
    return Number(result.deleted) > 0;
  }

  close(): void {
    for (const endpoint of this.connections.keys()) this.drop(endpoint);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private async statusOf(endpoint: string, deadline: number): Promise<EndpointStatus> {
    try {
      return upEndpoint(endpoint, await this.call(endpoint, deadline, (etcd) => etcd.maintenance.status({ deadline })));
    } catch (error) {
      return { kind: 'down', endpoint, error: describeEtcdError(error) };
    }
  }

  /** Why a read through raft fails at this endpoint; undefined where it works. */
  private async readThrough(endpoint: string, deadline: number): Promise<string | undefined> {
    for (;;) {
      try {
        await this.call(endpoint, deadline, (etcd) => etcd.get('health').options({ deadline }).exec());
        return undefined;
      } catch (error) {
        // A user without a right to that key got an answer all the same.
        if (isRefusal(error)) return undefined;
        const why = describeEtcdError(error);
        // The old leader went while the read waited: the new one is worth another read.
        if (why !== 'leader changed' || Date.now() >= deadline) return why;
      }
    }
  }

  /** One call on one endpoint. A connection that failed is not used again. */
  private async call<T>(
    endpoint: string,
    deadline: number,
    work: (etcd: Etcd3, deadline: number) => PromiseLike<T>,
  ): Promise<T> {
    let connection = this.connections.get(endpoint);
    if (connection === undefined) {
      connection = probeEndpoint(endpoint, deadline).then(() => connectEtcd3(endpoint, this.options));
      this.connections.set(endpoint, connection);
    }
    try {
      return await work(await connection, deadline);
    } catch (error) {
      if (!isRefusal(error) && this.connections.get(endpoint) === connection) this.drop(endpoint);
      throw error;
    }
  }

  private drop(endpoint: string): void {
    const connection = this.connections.get(endpoint);
    this.connections.delete(endpoint);
    connection?.then((etcd) => etcd.close()).catch(() => undefined);
  }

  private async anyEndpoint<T>(call: (etcd: Etcd3, deadline: number) => PromiseLike<T>): Promise<T> {
    // A member that hangs would eat the whole time limit, so calls begin where somebody has just answered.
    await loadEtcd3();
    this.preferred ??= await this.firstUp();
    const deadline = Date.now() + this.timeoutMs;
    let failure: unknown;
    for (const endpoint of new Set([this.preferred ?? this.endpoints[0]!, ...this.endpoints])) {
      if (Date.now() >= deadline) break;
      try {
        const answer = await this.call(endpoint, deadline, call);
        this.preferred = endpoint;
        return answer;
      } catch (error) {
        if (isRefusal(error)) throw this.refusal(error);
        failure ??= error;
        this.preferred = undefined;
      }
    }
    throw await this.diagnose(failure);
  }

  /** The first endpoint that answers and has a leader. */
  private firstUp(): Promise<string | undefined> {
    const tries = this.endpoints.map(async (endpoint) => {
      const status = await this.statusOf(endpoint, Date.now() + DIAGNOSIS_MS);
      if (status.kind === 'down' || status.leader === undefined) throw new Error('no leader');
      return endpoint;
    });
    return Promise.any(tries).catch(() => undefined);
  }

  private async diagnose(cause: unknown): Promise<OperationError> {
    const statuses = await this.status(DIAGNOSIS_MS);
    const up = statuses.filter((status) => status.kind === 'up');
    const where = this.endpoints.join(', ');
    if (up.length === 0)
      return new OperationError(`etcd can't be reached: ${describeEtcdError(cause)}`, {
        where,
        cause,
        hint: 'is the cluster deployed, and are the endpoints right? (etcdperf harness:status)',
      });
    // Shortly after a loss, those who are left still believe in the leader they had.
    if (up.every((status) => status.leader === undefined) || up.length * 2 <= statuses.length) {
      const down = statuses.filter((status) => status.kind === 'down').map((status) => status.endpoint);
      return new OperationError(
        `etcd has no quorum: ${up.length} of ${statuses.length} endpoints answer` +
          (down.length === 0 ? ' and none has a leader' : `, not ${down.join(', ')}`),
        { where, cause, hint: 'start the members that are down (etcdperf harness:deploy)' },
      );
    }
    return this.refusal(cause);
  }

  private refusal(cause: unknown): OperationError {
    return new OperationError(`etcd: ${describeEtcdError(cause)}`, { where: this.endpoints.join(', '), cause });
  }
}
