import { type WireClient, WireError } from '@etcdperf/core/wire';
import type { KeyPage } from '../../contents/key-page.ts';
import type { RangeReader } from './range-reader.ts';

const AT_ONCE = 64;

/** How long leases had left when the first key of each was read. */
export class LeaseTtls {
  readonly #seconds: Map<bigint, number>;
  readonly #client: WireClient;
  readonly #reader: RangeReader;

  /** @param seconds by lease; -1: the lease was gone */
  constructor(client: WireClient, reader: RangeReader, seconds: Map<bigint, number>) {
    this.#client = client;
    this.#reader = reader;
    this.#seconds = seconds;
  }

  /** Asks for those leases of the page that nobody asked for yet. Rejects with a WireError, or the signal's reason. */
  async askFor(page: KeyPage): Promise<void> {
    const unknown = new Set<bigint>();
    let last = 0n;
    for (let row = 0; row < page.length; row += 1) {
      const lease = page.lease[row]!;
      if (lease === last) continue;
      last = lease;
      if (lease !== 0n && !this.#seconds.has(lease)) unknown.add(lease);
    }
    const leases = unknown.values();
    const ask = async () => {
      for (const lease of leases) this.#seconds.set(lease, await this.#ask(lease));
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, unknown.size) }, ask));
  }

  async #ask(lease: bigint): Promise<number> {
    try {
      const { ttlSeconds } = await this.#reader.keepTrying((options) => this.#client.leaseTimeToLive(lease, options));
      return Math.max(-1, ttlSeconds);
    } catch (error) {
      if (error instanceof WireError && error.reason === 'lease-not-found') return -1;
      throw error;
    }
  }
}
