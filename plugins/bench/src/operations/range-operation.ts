import type { LoadOperation, LoadRequest, OperationFactory } from '@etcdperf/core/load';
import {
  type KeyRange,
  Method,
  ProtoWriter,
  type RangeOptions,
  RequestTemplate,
  writeRange,
} from '@etcdperf/core/wire';
import { type KeySource, makeKeySource } from '@etcdperf/core/workload';
import { fieldSpans } from './field-spans.ts';
import type { KeyOptions } from './key-value-options.ts';
import { RangeCounter } from './range-counter.ts';

/** What is read: the same range each time, or single keys of a key space. */
export type RangeSubject =
  | { readonly kind: 'fixed'; readonly range: KeyRange & { readonly key: string } }
  | ({ readonly kind: 'keys' } & KeyOptions);

export interface RangeOperationOptions {
  readonly subject: RangeSubject;
  readonly limit: number;
  readonly isSerializable: boolean;
  readonly isKeysOnly: boolean;
  readonly isCountOnly: boolean;
}

/** How a range is asked for, apart from its keys. */
export function rangeOptionsOf(options: Omit<RangeOperationOptions, 'subject'>): RangeOptions {
  return {
    limit: options.limit,
    serializable: options.isSerializable,
    keysOnly: options.isKeysOnly,
    countOnly: options.isCountOnly,
  };
}

/** A range or a single key for each request; what comes back is counted. */
class RangeOperation implements LoadOperation {
  readonly kinds = [{ name: 'range', isWrite: false }];
  readonly #keys: KeySource | undefined;
  readonly #request: LoadRequest;
  readonly #returned = new RangeCounter();
  #key = 0;

  constructor(options: RangeOperationOptions, keys: KeySource | undefined) {
    const { subject } = options;
    this.#keys = keys;
    const writer = new ProtoWriter();
    const range = subject.kind === 'fixed' ? subject.range : { key: Buffer.alloc(keys?.length ?? 0, '0') };
    writeRange(writer, { ...range, ...rangeOptionsOf(options) });
    const frame = writer.finish();
    const keyAt = fieldSpans(frame, [1])[0]!.start;
    this.#request = { template: new RequestTemplate(Method.range, frame, keyAt), kind: 0 };
  }

  next(): LoadRequest {
    if (this.#keys !== undefined) this.#key = this.#keys.next();
    return this.#request;
  }

  fill(bytes: Buffer, at: number): void {
    this.#keys?.write(bytes, at, this.#key);
  }

  onMessage(_kind: number, _sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#returned.add(bytes, start, end);
  }

  counters(): Readonly<Record<string, number>> {
    return this.#returned.counters();
  }
}

const makeRange: OperationFactory<RangeOperationOptions> = (options, share) => {
  const { subject } = options;
  const keys = subject.kind === 'keys' ? makeKeySource(subject.keys, subject.distribution, share) : undefined;
  return new RangeOperation(options, keys);
};

export default makeRange;
