import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { WireClient, WireError } from '@etcdperf/core/wire';

const EVERY_MS = 20;
/** An answer that takes longer doesn't come from a cluster that works. */
const TIMEOUT_MS = 20_000;

/**
 * Asks members all the time for a read that needs a leader, one question after the other at each, to see for how long
 * none of them is answered.
 */
export class ServiceProbe {
  readonly #stop = new AbortController();
  readonly #work: Promise<unknown>;
  #lastMs = performance.now();
  #longestMs = 0;

  constructor(access: ClusterAccess, endpoints: readonly string[]) {
    this.#work = Promise.all(endpoints.map((endpoint) => this.#ask({ ...access, endpoints: [endpoint] })));
  }

  /** The longest time without an answer so far, milliseconds. */
  longestGapMs(): number {
    return Math.max(this.#longestMs, performance.now() - this.#lastMs);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #ask(access: ClusterAccess): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await using client = await WireClient.connect({ ...access, dialTimeoutMs: 1000 }, signal);
        while (!signal.aborted) {
          await client.range('etcdperf', { countOnly: true, timeoutMs: TIMEOUT_MS, signal }).catch(toleratesRefusal);
          this.#answered();
          await sleep(EVERY_MS, undefined, { signal });
        }
      } catch {
        // Not there, or no leader: that is what is measured.
        await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #answered(): void {
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#lastMs);
    this.#lastMs = now;
  }
}

/** Who may not read a key has an answer all the same. */
function toleratesRefusal(error: unknown): void {
  if (!(error instanceof WireError) || error.reason !== 'permission-denied') throw error;
}
