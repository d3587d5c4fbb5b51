import type { LoadOperation, LoadRequest, OperationFactory } from '@etcdperf/core/load';
import { Method, RequestTemplate } from '@etcdperf/core/wire';
import { type PatternKeyOptions, PatternKeys } from './pattern-keys.ts';
import { PatternPut } from './pattern-put.ts';

/** One put for each request: a key of a pattern and the value that belongs to it. */
class PatternPutOperation implements LoadOperation {
  readonly kinds = [{ name: 'put', isWrite: true }];
  readonly #keys: PatternKeys;
  readonly #put: PatternPut;
  readonly #template = RequestTemplate.varying(Method.put);
  readonly #request: LoadRequest = { template: this.#template, kind: 0 };

  constructor(keys: PatternKeys) {
    this.#keys = keys;
    this.#put = new PatternPut(keys);
  }

  next(): LoadRequest {
    this.#template.messageBytes = this.#put.choose(this.#keys.nextKey());
    return this.#request;
  }

  fill(bytes: Buffer, at: number): void {
    this.#put.write(bytes, at);
  }
}

const makePatternPut: OperationFactory<PatternKeyOptions> = (options, share) =>
  new PatternPutOperation(new PatternKeys(options, share));

export default makePatternPut;
