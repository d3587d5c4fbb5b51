import type { WireClient } from '@etcdperf/core/wire';
import type { LostReason } from '../../protocol/index.ts';

/**
 * A lease, kept alive until it is lost or closed. `lost` is aborted, with a LostReason, as soon as etcd says that the
 * lease is gone, or no later than the moment when it can be gone: the granted TTL after the sending of the last
 * keepalive that was answered. A process that was stopped and continued finds that out before it does anything else.
 */
export class LeaseKeeper {
  readonly id: bigint;
  /** What etcd granted: it raises short TTLs. */
  readonly ttlSeconds: number;
  readonly #client: WireClient;
  readonly #lost = new AbortController();
  readonly #keepalive: NodeJS.Timeout;
  #deadline: NodeJS.Timeout | undefined;
  #deadlineMs = 0;
  #unanswered = 0;

  /** Asks etcd for a lease; throws WireError. */
  static async grant(client: WireClient, ttlSeconds: number, keepaliveMs: number): Promise<LeaseKeeper> {
    const askedMs = performance.now();
    const { id, ttlSeconds: granted } = await client.leaseGrant(ttlSeconds);
    return new LeaseKeeper(client, { id, ttlSeconds: granted }, keepaliveMs, askedMs);
  }

  private constructor(
    client: WireClient,
    lease: { readonly id: bigint; readonly ttlSeconds: number },
    keepaliveMs: number,
    askedMs: number,
  ) {
    this.#client = client;
    this.id = lease.id;
    this.ttlSeconds = lease.ttlSeconds;
    this.#extend(askedMs);
    this.#keepalive = setInterval(() => this.#keepAlive(), keepaliveMs);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Stops keeping it alive, and gives it back: all its keys go at once. Where etcd can't be reached, it runs out. */
  async release(): Promise<void> {
    this.#end();
    await this.#client.leaseRevoke(this.id, { timeoutMs: revokeTimeoutMs }).catch(() => undefined);
  }

  #keepAlive(): void {
    const sentMs = performance.now();
    if (sentMs >= this.#deadlineMs) {
      this.#lose('lease-deadline');
      return;
    }
    // What etcd did not answer yet is waited for: a queue of keepalives would only prove the past.
    if (this.#unanswered >= maxUnanswered) return;
    this.#unanswered += 1;
    this.#client
      .leaseKeepAlive(this.id, { timeoutMs: (this.ttlSeconds * 1000) / 2 })
      .then(
        ({ ttlSeconds }) => (ttlSeconds > 0 ? this.#extend(sentMs) : this.#lose('lease-expired')),
        // It proves nothing, and the deadline decides; but a member that is silent so long may be alone: try another.
        () => this.#lost.signal.aborted || this.#client.moveOn('a keepalive was not answered'),
      )
      .finally(() => {
        this.#unanswered -= 1;
      });
  }

  #extend(sentMs: number): void {
    const deadlineMs = sentMs + this.ttlSeconds * 1000;
    if (this.#lost.signal.aborted || deadlineMs <= this.#deadlineMs) return;
    this.#deadlineMs = deadlineMs;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#lose('lease-deadline'), Math.max(0, deadlineMs - performance.now()));
  }

  #lose(reason: LostReason): void {
    this.#end();
    this.#lost.abort(reason);
  }

  #end(): void {
    clearInterval(this.#keepalive);
    clearTimeout(this.#deadline);
  }
}

const maxUnanswered = 3;
const revokeTimeoutMs = 2000;
