import type { LoadOperation, LoadRequest, OperationFactory } from '@etcdperf/core/load';
import {
  bytesFieldSize,
  Method,
  ProtoWriter,
  RequestTemplate,
  writeBytesFieldHead,
  writeRange,
} from '@etcdperf/core/wire';
import { fieldSpans } from './field-spans.ts';
import { type PatternKeyOptions, PatternKeys } from './pattern-keys.ts';
import { RangeCounter } from './range-counter.ts';
import { type RangeOperationOptions, rangeOptionsOf } from './range-operation.ts';

export interface PatternRangeOptions extends Omit<RangeOperationOptions, 'subject'>, PatternKeyOptions {}

/** RangeRequest.key. */
const KEY = 1;

/** A single key of a pattern for each request; what comes back is counted. */
class PatternRangeOperation implements LoadOperation {
  readonly kinds = [{ name: 'range', isWrite: false }];
  readonly #keys: PatternKeys;
  readonly #template = RequestTemplate.varying(Method.range);
  readonly #request: LoadRequest = { template: this.#template, kind: 0 };
  readonly #returned = new RangeCounter();
  /** All of the request but the key: always the same. */
  readonly #rest: Buffer;
  #key = 0;
  #keyBytes = 0;

  constructor(options: PatternRangeOptions, keys: PatternKeys) {
    this.#keys = keys;
    const writer = new ProtoWriter();
    writeRange(writer, { key: 'k', ...rangeOptionsOf(options) });
    const frame = writer.finish();
    this.#rest = Buffer.from(frame.subarray(fieldSpans(frame, [KEY])[0]!.end));
  }

  next(): LoadRequest {
    this.#key = this.#keys.nextKey();
    this.#keyBytes = this.#keys.space.keyBytesOf(this.#key);
    this.#template.messageBytes = bytesFieldSize(this.#keyBytes) + this.#rest.length;
    return this.#request;
  }

  fill(bytes: Buffer, at: number): void {
    const end = this.#keys.space.writeKey(bytes, writeBytesFieldHead(bytes, at, KEY, this.#keyBytes), this.#key);
    this.#rest.copy(bytes, end);
  }

  onMessage(_kind: number, _sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#returned.add(bytes, start, end);
  }

  counters(): Readonly<Record<string, number>> {
    return this.#returned.counters();
  }
}

const makePatternRange: OperationFactory<PatternRangeOptions> = (options, share) =>
  new PatternRangeOperation(options, new PatternKeys(options, share));

export default makePatternRange;
