import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { WireClient } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';
import { EventLedger } from './event-ledger.ts';
import { findLostEvents } from './find-lost-events.ts';
import type { KeyLedger } from './key-ledger.ts';
import { readAllKeys } from './read-all-keys.ts';
import { SampledReads } from './sampled-reads.ts';
import type { VerificationReport } from './verification-report.ts';
import type { WatchedNodes, WatchObserver } from './watch-observer.ts';
import { WatcherIndex } from './watcher-index.ts';
import { WatcherStates } from './watcher-states.ts';
import type { WriteObserver } from './write-observer.ts';

/** Awaited events that are looked at with each sampled read: a fraction of a millisecond. */
const LOOKED_AT_ONCE = 500;
const LOOK_MS = 100;
/** It is said how far the reading is after each so many keys. */
const KEYS_PER_STEP = 10_000;

interface ClusterVerifierParts {
  readonly access: ClusterAccess;
  /** With stamped values. */
  readonly space: PatternSpace;
  readonly ledger: KeyLedger;
  readonly seed: number;
  readonly timeoutMs: number;
  readonly readsPerSec: number;
  readonly silenceMs: number;
  readonly mostAwaited: number;
}

/** Puts together what is known of keys, reads and events. */
export class ClusterVerifier implements AsyncDisposable {
  readonly space: PatternSpace;
  readonly observer: WriteObserver;
  readonly #parts: ClusterVerifierParts;
  readonly #ledger: KeyLedger;
  readonly #clients: WireClient[] = [];
  readonly #reads: SampledReads;
  #events: EventLedger | undefined;
  #areAllInPlace: () => boolean = () => false;
  #readAtEnd = 0;
  /** Where among the awaited events it is looked next. */
  #place = 1;

  constructor(parts: ClusterVerifierParts) {
    this.#parts = parts;
    this.space = parts.space;
    this.observer = parts.ledger;
    this.#ledger = parts.ledger;
    this.#reads = new SampledReads({ ...parts, clients: this.#clients });
  }

  openWatches(nodes: WatchedNodes, areAllInPlace: () => boolean = () => false): WatchObserver {
    const states = new WatcherStates(new WatcherIndex(this.space, nodes), nodes.watchers);
    this.#events = new EventLedger(this.#ledger, states, this.#parts.mostAwaited);
    this.#areAllInPlace = areAllInPlace;
    return this.#events;
  }

  async prepare(signal: AbortSignal): Promise<void> {
    const { access, timeoutMs } = this.#parts;
    for (const startAt of access.endpoints.keys())
      this.#clients.push(await WireClient.connect({ ...access, startAt, requestTimeoutMs: timeoutMs }, signal));
    const { header } = await this.#clients[0]!.range('\0', { limit: 1, keysOnly: true, signal });
    this.#ledger.startRevision = header.revision;
  }

  async sampleReads(signal: AbortSignal): Promise<void> {
    await this.#reads.run(signal, () => this.#lookOn());
  }

  async conclude(signal: AbortSignal, onStep: (text: string) => void = () => {}): Promise<VerificationReport> {
    const why: string[] = [];
    await this.#readAll(signal, onStep).catch((error: unknown) => {
      const reason = signal.aborted ? 'interrupted' : error instanceof Error ? error.message : String(error);
      why.push(`only ${this.#readAtEnd} of ${this.#ledger.keys.count} keys were read at the end: ${reason}`);
    });
    if (this.#events !== undefined) why.push(...(await this.#awaitEvents(this.#events, signal, onStep)));
    if (this.#ledger.isOverflown)
      why.push(
        'there were more writes without an answer than could be kept: what they may have done was not looked at',
      );
    return this.#report(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #readAll(signal: AbortSignal, onStep: (text: string) => void): Promise<void> {
    const { keys } = this.#ledger;
    onStep(`verifying: reading ${keys.count} keys`);
    let told = 0;
    await readAllKeys({
      ledger: this.#ledger,
      space: this.space,
      client: this.#clients[0]!,
      signal,
      onRead: (read) => {
        this.#readAtEnd = read;
        if (read - told < KEYS_PER_STEP) return;
        told = read;
        onStep(`verifying: ${read} of ${keys.count} keys read`);
      },
    });
  }

  /** Returns why it could not be told whether all came. */
  async #awaitEvents(events: EventLedger, signal: AbortSignal, onStep: (text: string) => void): Promise<string[]> {
    const ledger = this.#ledger;
    onStep('verifying: waiting for the last events');
    let count = -1;
    let since = performance.now();
    while (findLostEvents(ledger, events, 'goes-on') > 0 && !signal.aborted) {
      if (events.checkedEvents !== count) {
        count = events.checkedEvents;
        since = performance.now();
      } else if (performance.now() - since > this.#parts.silenceMs) break;
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    }
    const isOver = !signal.aborted;
    const left = findLostEvents(ledger, events, isOver ? (this.#areAllInPlace() ? 'all-stand' : 'over') : 'goes-on');
    return [
      ...(left > 0 ? [`${left} events had not come to all who watch their keys`] : []),
      ...(events.overflownAt > 0
        ? [
            `watchers were too far behind: up to revision ${events.overflownAt} it is not known whether events were lost`,
          ]
        : []),
    ];
  }

  #lookOn(): void {
    const events = this.#events;
    if (events === undefined) return;
    if (this.#place >= events.awaited.end) this.#place = 1;
    const places = { from: this.#place, to: Math.min(this.#place + LOOKED_AT_ONCE, events.awaited.end) };
    findLostEvents(this.#ledger, events, 'goes-on', places);
    this.#place = places.to;
  }

  #report(why: readonly string[]): VerificationReport {
    const { findings, keys, checkedWrites, unknownWrites } = this.#ledger;
    const isFaulty = Object.keys(findings.counts).length > 0;
    return {
      verdict: isFaulty ? 'faulty' : why.length > 0 ? 'incomplete' : 'clean',
      why,
      followedKeys: keys.count,
      ofKeys: keys.size,
      checkedWrites,
      checkedReads: this.#reads.checked,
      readAtEnd: this.#readAtEnd,
      checkedEvents: this.#events?.checkedEvents ?? 0,
      unknownWrites,
      findings: [...findings.list],
      counts: { ...findings.counts },
      gaps: { count: findings.gapCount, first: [...findings.gaps] },
    };
  }
}
