import type { LoadOperation, LoadRequest, OperationFactory } from '@etcdperf/core/load';
import { Method, ProtoWriter, RequestTemplate, writeRange } from '@etcdperf/core/wire';
import { type KeySource, makeKeySource, Random } from '@etcdperf/core/workload';
import { fieldSpans } from './field-spans.ts';
import type { KeyOptions } from './key-value-options.ts';
import { RangeCounter } from './range-counter.ts';

export interface MvccGetOptions {
  readonly keys: KeyOptions;
  /** Reads are at revisions between these, both included, all equally often. */
  readonly fromRevision: number;
  readonly toRevision: number;
  readonly isSerializable: boolean;
}

/** Bytes that every revision takes in a request, whatever its size: enough for 2^49. */
const REVISION_BYTES = 7;

/** One key at one revision of the past for each request. */
class MvccGetOperation implements LoadOperation {
  readonly kinds = [{ name: 'get', isWrite: false }];
  readonly #keys: KeySource;
  readonly #request: LoadRequest;
  readonly #random: Random;
  readonly #fromRevision: number;
  readonly #revisions: number;
  readonly #revisionDistance: number;
  readonly #returned = new RangeCounter();
  #key = 0;

  constructor(options: MvccGetOptions, keys: KeySource, seed: number) {
    this.#keys = keys;
    this.#random = new Random(seed);
    this.#fromRevision = options.fromRevision;
    this.#revisions = options.toRevision - options.fromRevision + 1;
    const writer = new ProtoWriter();
    const longest = 2 ** (7 * (REVISION_BYTES - 1));
    writeRange(writer, {
      key: Buffer.alloc(keys.length, '0'),
      revision: longest,
      serializable: options.isSerializable,
    });
    const frame = writer.finish();
    const key = fieldSpans(frame, [1])[0]!;
    // Right after the key comes the tag of the revision, and then itself.
    this.#revisionDistance = key.end + 1 - key.start;
    this.#request = { template: new RequestTemplate(Method.range, frame, key.start), kind: 0 };
  }

  next(): LoadRequest {
    this.#key = this.#keys.next();
    return this.#request;
  }

  fill(bytes: Buffer, at: number): void {
    this.#keys.write(bytes, at, this.#key);
    writeLongVarint(bytes, at + this.#revisionDistance, this.#fromRevision + this.#random.below(this.#revisions));
  }

  onMessage(_kind: number, _sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#returned.add(bytes, start, end);
  }

  counters(): Readonly<Record<string, number>> {
    return this.#returned.counters();
  }
}

/** A varint may be longer than it need be: its upper groups are zeros then. */
function writeLongVarint(bytes: Buffer, at: number, value: number): void {
  let rest = value;
  for (let i = 0; i < REVISION_BYTES - 1; i += 1) {
    const higher = Math.floor(rest / 128);
    bytes[at + i] = (rest - higher * 128) | 0x80;
    rest = higher;
  }
  bytes[at + REVISION_BYTES - 1] = rest;
}

const makeMvccGet: OperationFactory<MvccGetOptions> = (options, share) =>
  new MvccGetOperation(
    options,
    makeKeySource(options.keys.keys, options.keys.distribution, share),
    // Not the numbers that choose the keys.
    share.seed + 0.5,
  );

export default makeMvccGet;
