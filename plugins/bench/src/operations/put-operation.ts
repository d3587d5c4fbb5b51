import type { LoadOperation, LoadRequest, OperationFactory } from '@etcdperf/core/load';
import { Method, ProtoWriter, RequestTemplate, writePut } from '@etcdperf/core/wire';
import { type KeySource, makeKeySource, type ValueSource } from '@etcdperf/core/workload';
import { fieldSpans } from './field-spans.ts';
import type { KeyValueOptions } from './key-value-options.ts';
import { threadValues } from './thread-values.ts';

/** One put for each request: a key of the key space, a value of its own. */
class PutOperation implements LoadOperation {
  readonly kinds = [{ name: 'put', isWrite: true }];
  readonly #keys: KeySource;
  readonly #values: ValueSource;
  readonly #request: LoadRequest;
  /** From the key to the value; 0: the template's value stays. */
  readonly #valueDistance: number;
  #key = 0;

  constructor(keys: KeySource, values: ValueSource, isSameValue: boolean) {
    this.#keys = keys;
    this.#values = values;
    const key = Buffer.alloc(keys.length);
    const value = Buffer.alloc(values.length);
    keys.write(key, 0, 0);
    values.write(value, 0);
    const writer = new ProtoWriter();
    writePut(writer, { key, value });
    const frame = writer.finish();
    const keyAt = fieldSpans(frame, [1])[0]!.start;
    const valueAt = isSameValue ? undefined : fieldSpans(frame, [2])[0]?.start;
    this.#valueDistance = valueAt === undefined ? 0 : valueAt - keyAt;
    this.#request = { template: new RequestTemplate(Method.put, frame, keyAt), kind: 0 };
  }

  next(): LoadRequest {
    this.#key = this.#keys.next();
    return this.#request;
  }

  fill(bytes: Buffer, at: number): void {
    this.#keys.write(bytes, at, this.#key);
    if (this.#valueDistance > 0) this.#values.write(bytes, at + this.#valueDistance);
  }
}

const makePut: OperationFactory<KeyValueOptions> = (options, share) =>
  new PutOperation(
    makeKeySource(options.keys, options.distribution, share),
    threadValues(options, share),
    options.values.kind === 'repeat',
  );

export default makePut;
