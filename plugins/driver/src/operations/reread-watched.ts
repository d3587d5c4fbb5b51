import type { LoadOperation, LoadRequest } from '@etcdperf/core/load';
import { Method } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { WatchedNodes } from '../services/watches/watched-nodes.ts';
import { NodeRanges } from './node-ranges.ts';
import { ReadTally } from './read-tally.ts';

/** Reads what each watcher watches, one after the other and round and round, as a rules engine does. */
export class RereadWatched implements LoadOperation {
  readonly kinds = [{ name: 'prefix get', isWrite: false }];
  readonly #watched: WatchedNodes;
  readonly #ranges: NodeRanges;
  readonly #request: LoadRequest;
  readonly #tally = new ReadTally();
  #next = 0;

  constructor(space: PatternSpace, watched: WatchedNodes) {
    this.#watched = watched;
    this.#ranges = new NodeRanges(Method.range, space, Buffer.alloc(0));
    this.#request = { template: this.#ranges.template, kind: 0 };
  }

  next(): LoadRequest {
    const watched = this.#watched;
    const watcher = this.#next;
    this.#next = watcher + 1 === watched.watchers ? 0 : watcher + 1;
    this.#ranges.choose(watched.levelOf(watcher), watched.nodeOf(watcher), watched.prefix);
    return this.#request;
  }

  fill(bytes: Buffer, at: number): void {
    this.#ranges.fill(bytes, at);
  }

  onMessage(_kind: number, _sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#tally.add(bytes, start, end);
  }

  counters(): Readonly<Record<string, number>> {
    const { keys, requests, bytes } = this.#tally;
    return { prefixGets: keys, clientPrefixGets: requests, prefixGetBytes: bytes };
  }
}
