import type { Outcome } from '@etcdperf/core/load';
import { type PatternSpace, Random } from '@etcdperf/core/workload';
import type { WatchedNodes, WatchObserver } from '../services/verify/watch-observer.ts';
import type { WriteObserver } from '../services/verify/write-observer.ts';

export interface SimulatedEvent {
  readonly key: number;
  readonly type: 'put' | 'delete';
  readonly value: Buffer;
  readonly revision: number;
  /** The one that its writer is told. */
  readonly outcome: Outcome;
}

interface Write {
  readonly firstKey: number;
  readonly endKey: number;
  /** -1: a delete. */
  readonly number: number;
  readonly outcome: Outcome;
  /** Of its application; 0: it was not applied so far. */
  revision: number;
}

/**
 * A history of writes as etcd could have made it, in an order that the seed chooses: writes are begun, applied (or not,
 * where their outcome is not `ok`), answered and told to each watcher at times of their own; only what etcd promises
 * holds: revisions in the order of application, answers after it, events in the order of revisions. What an unknown
 * write does may come after its outcome.
 */
export class SimulatedCluster {
  readonly store = new Map<number, { readonly value: Buffer; readonly modRevision: number }>();
  /** What each watcher is still to be told, in order. */
  readonly queues: SimulatedEvent[][];
  revision = 10;
  /** The latest revision that each watcher was told of. */
  readonly #toldOf: number[] = [];
  readonly #random: Random;
  readonly #space: PatternSpace;
  readonly #nodes: WatchedNodes;
  readonly #writes: WriteObserver;
  readonly #watches: WatchObserver;
  #unapplied: Write[] = [];
  #unanswered: Write[] = [];
  #next = 0;

  constructor(
    seed: number,
    parts: { space: PatternSpace; nodes: WatchedNodes; writes: WriteObserver; watches: WatchObserver },
  ) {
    this.#random = new Random(seed);
    this.#space = parts.space;
    this.#nodes = parts.nodes;
    this.#writes = parts.writes;
    this.#watches = parts.watches;
    this.queues = Array.from({ length: parts.nodes.watchers }, () => []);
  }

  /** So many steps of any kind. */
  run(steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const choice = this.#random.below(8);
      if (choice === 0 && this.#unanswered.length < 8) this.#begin();
      else if (choice === 1) this.#apply(this.#take(this.#unapplied));
      else if (choice === 2) this.#answer(this.#take(this.#unanswered));
      else this.tell(this.#random.below(this.queues.length));
    }
  }

  /** Answers all, and tells watchers only the rest of what they were told in part: of a delete of many keys. */
  settle(): void {
    for (const [watcher, queue] of this.queues.entries())
      while (queue[0] !== undefined && queue[0].revision === this.#toldOf[watcher]) this.tell(watcher);
    while (this.#unapplied.length > 0) this.#apply(this.#take(this.#unapplied));
    while (this.#unanswered.length > 0) this.#answer(this.#take(this.#unanswered));
  }

  /** Tells each watcher all it is to be told. */
  drain(): void {
    for (const watcher of this.queues.keys()) while (this.queues[watcher]!.length > 0) this.tell(watcher);
  }

  /** Tells a watcher the next event, if there is one. */
  tell(watcher: number): void {
    const event = this.queues[watcher]!.shift();
    if (event === undefined) return;
    const { key, type, value, revision } = event;
    this.#toldOf[watcher] = revision;
    this.#watches.onEvent(watcher, key, type, value, 0, value.length, revision, performance.now());
  }

  #begin(): void {
    const random = this.#random;
    const isDelete = random.below(5) === 0;
    const below = this.#space.keysBelow(1);
    const firstKey = isDelete ? random.below(this.#space.nodesAt(1)) * below : random.below(this.#space.size);
    const outcome: Outcome = random.below(4) > 0 ? 'ok' : random.below(3) > 0 ? 'unknown' : 'fail';
    const isApplied = outcome === 'ok' || (outcome === 'unknown' && random.below(2) === 0);
    const number = isDelete ? -1 : this.#next++;
    const write: Write = { firstKey, endKey: firstKey + (isDelete ? below : 1), number, outcome, revision: 0 };
    if (isDelete) this.#writes.onDeleteSent(firstKey, write.endKey);
    else this.#writes.onPutSent(firstKey, number);
    this.#unanswered.push(write);
    if (isApplied) this.#unapplied.push(write);
  }

  /** One without an answer perhaps long after its outcome. */
  #apply(write: Write | undefined): void {
    if (write === undefined) return;
    const { firstKey, endKey, number, outcome } = write;
    if (number < 0) {
      const keys = Array.from({ length: endKey - firstKey }, (_, index) => firstKey + index);
      const there = keys.filter((key) => this.store.has(key));
      if (there.length > 0) this.revision += 1;
      write.revision = this.revision;
      for (const key of there) {
        this.store.delete(key);
        this.#publish({ key, type: 'delete', value: Buffer.alloc(0), revision: this.revision, outcome });
      }
      return;
    }
    this.revision += 1;
    write.revision = this.revision;
    const bytes = Buffer.alloc(this.#space.values.maxBytes);
    const value = bytes.subarray(0, this.#space.values.write(bytes, 0, firstKey, number));
    this.store.set(firstKey, { value, modRevision: this.revision });
    this.#publish({ key: firstKey, type: 'put', value, revision: this.revision, outcome });
  }

  #publish(event: SimulatedEvent): void {
    const nodes = this.#nodes;
    for (let watcher = 0; watcher < nodes.watchers; watcher += 1) {
      const below = this.#space.keysBelow(nodes.levelOf(watcher));
      if (Math.floor(event.key / below) === nodes.nodeOf(watcher)) this.queues[watcher]!.push(event);
    }
  }

  #answer(write: Write | undefined): void {
    if (write === undefined) return;
    const { firstKey, endKey, number, outcome, revision } = write;
    if (outcome === 'ok' && revision === 0) {
      this.#unanswered.push(write);
      return;
    }
    const told = outcome === 'ok' ? revision : 0;
    const now = performance.now();
    if (number < 0) this.#writes.onDeleteEnded(firstKey, endKey, outcome, told, now);
    else this.#writes.onPutEnded(firstKey, number, outcome, told, now);
  }

  #take(writes: Write[]): Write | undefined {
    return writes.splice(this.#random.below(writes.length), 1)[0];
  }
}
