import { type WireClient, WireError } from '@etcdperf/core/wire';

/** What etcd's client gives the sessions of its locks. */
const TTL_SECONDS = 60;

/** The lease that a caller holds its locks by; kept alive until it is closed or its client is. */
export class Session {
  readonly lease: bigint;
  readonly #client: WireClient;
  readonly #timer: NodeJS.Timeout;
  #isLost = false;

  static async open(client: WireClient): Promise<Session> {
    const { id, ttlSeconds } = await client.leaseGrant(TTL_SECONDS);
    return new Session(client, id, ttlSeconds);
  }

  private constructor(client: WireClient, lease: bigint, ttlSeconds: number) {
    this.lease = lease;
    this.#client = client;
    this.#timer = setInterval(() => this.#keepAlive(), (ttlSeconds * 1000) / 3);
    this.#timer.unref();
  }

  /** etcd said that the lease is gone, and its locks with it. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Gives the lease back; locks that it still holds are free at once. Never rejects: it runs out by itself. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#isLost) await this.#client.leaseRevoke(this.lease).catch(() => undefined);
  }

  #keepAlive(): void {
    this.#client.leaseKeepAlive(this.lease).then(
      ({ ttlSeconds }) => {
        if (ttlSeconds === 0) this.#lose();
      },
      (error: unknown) => {
        // Two more are to come before the lease runs out.
        if (error instanceof WireError && error.reason === 'cancelled') clearInterval(this.#timer);
      },
    );
  }

  #lose(): void {
    this.#isLost = true;
    clearInterval(this.#timer);
  }
}
