import type { LoadOperation, LoadRequest } from '@etcdperf/core/load';
import { Method, ProtoWriter } from '@etcdperf/core/wire';
import { type PatternSpace, Random, type RangeReads } from '@etcdperf/core/workload';
import { NodeRanges } from './node-ranges.ts';
import { ReadTally } from './read-tally.ts';

const GRPC_PREFIX = 5;

/** Reads what is below random nodes of a level; the keys may be gone by then. */
export class ReadRanges implements LoadOperation {
  readonly kinds = [{ name: 'get', isWrite: false }];
  readonly #level: number;
  readonly #nodes: number;
  readonly #random: Random;
  readonly #ranges: NodeRanges;
  readonly #request: LoadRequest;
  readonly #tally = new ReadTally();

  constructor(space: PatternSpace, reads: RangeReads, seed: number) {
    this.#level = reads.level;
    this.#nodes = space.nodesAt(reads.level);
    this.#random = new Random(seed);
    this.#ranges = new NodeRanges(Method.range, space, suffixOf(reads));
    this.#request = { template: this.#ranges.template, kind: 0 };
  }

  next(): LoadRequest {
    this.#ranges.choose(this.#level, this.#random.below(this.#nodes), true);
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
    return { gets: keys, clientGets: requests, getBytes: bytes };
  }
}

/** Limit, serializable and keys_only of a RangeRequest. */
function suffixOf({ full, serializable, keysOnly }: RangeReads): Buffer {
  const writer = new ProtoWriter();
  writer
    .number(3, full ? 0 : 1)
    .boolean(7, serializable)
    .boolean(8, keysOnly);
  return writer.finish().subarray(GRPC_PREFIX);
}
