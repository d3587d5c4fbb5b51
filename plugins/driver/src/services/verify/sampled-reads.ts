import { setTimeout as sleep } from 'node:timers/promises';
import type { WireClient } from '@etcdperf/core/wire';
import { type PatternSpace, Random } from '@etcdperf/core/workload';
import type { KeyLedger } from './key-ledger.ts';
import { readNow, readThen } from './read-key.ts';

/** Reads without an answer: more would only wait for the same. */
const MOST_OPEN = 16;

export interface SampledReadsParts {
  readonly ledger: KeyLedger;
  readonly space: PatternSpace;
  /** Taken in turn: one at each member, so that each is asked. */
  readonly clients: readonly WireClient[];
  readonly readsPerSec: number;
  readonly seed: number;
}

/**
 * Reads keys while they are written: in turn the one that was acknowledged last, as it is now (that must not be older)
 * and as it was at its revision, and any.
 */
export class SampledReads {
  checked = 0;
  readonly #parts: SampledReadsParts;
  readonly #random: Random;

  constructor(parts: SampledReadsParts) {
    this.#parts = parts;
    this.#random = new Random(parts.seed);
  }

  /** Until the signal is aborted and no read is open. Never rejects. @param onTick once for each read */
  async run(signal: AbortSignal, onTick: () => void): Promise<void> {
    const { clients, readsPerSec } = this.#parts;
    const open = new Set<Promise<void>>();
    for (let turn = 0; !signal.aborted; turn += 1) {
      await sleep(1000 / readsPerSec, undefined, { signal }).catch(() => {});
      onTick();
      if (signal.aborted || open.size >= MOST_OPEN) continue;
      const reading = this.#read(clients[turn % clients.length]!, turn % 3, signal)
        // A member that is away or slow: the load's own figures tell.
        .catch(() => {})
        .finally(() => open.delete(reading));
      open.add(reading);
    }
    await Promise.all(open);
  }

  async #read(client: WireClient, turn: number, signal: AbortSignal): Promise<void> {
    const { ledger, space } = this.#parts;
    const slot = turn === 2 || ledger.lastSlot < 0 ? this.#random.below(ledger.keys.count) : ledger.lastSlot;
    if (turn === 1) {
      if (await readThen(ledger, space, client, slot, signal)) this.checked += 1;
      return;
    }
    await readNow(ledger, space, client, slot, signal);
    this.checked += 1;
  }
}
