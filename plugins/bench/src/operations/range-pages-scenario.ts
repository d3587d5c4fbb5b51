import type { LoadScenario, ScenarioFactory, ScenarioStep } from '@etcdperf/core/load';
import { type Bytes, prefixEnd, type WireClient } from '@etcdperf/core/wire';
import { RangeCounter } from './range-counter.ts';
import type { RangeSubject } from './range-operation.ts';

export interface RangePagesOptions {
  readonly range: Extract<RangeSubject, { kind: 'fixed' }>['range'];
  readonly pageKeys: number;
  readonly isSerializable: boolean;
  readonly isKeysOnly: boolean;
}

/** One range for each step, read page by page, all pages at the revision of the first. */
class RangePagesScenario implements LoadScenario {
  readonly kinds = [{ name: 'range', isWrite: false }];
  readonly #options: RangePagesOptions;
  readonly #returned = new RangeCounter();
  #pages = 0;

  constructor(options: RangePagesOptions) {
    this.#options = options;
  }

  async step(client: WireClient, { signal }: ScenarioStep): Promise<number> {
    const { range, pageKeys, isSerializable, isKeysOnly } = this.#options;
    const rangeEnd = range.prefix === true ? prefixEnd(range.key) : range.rangeEnd;
    let from: Bytes = range.key === '' ? '\0' : range.key;
    let revision = 0;
    let keys = 0;
    let bytes = 0;
    for (;;) {
      const page = await client.range(from, {
        rangeEnd,
        revision,
        limit: pageKeys,
        serializable: isSerializable,
        keysOnly: isKeysOnly,
        signal,
      });
      this.#pages += 1;
      revision = page.header.revision;
      keys += page.kvs.length;
      for (const { key, value } of page.kvs) bytes += key.length + value.length;
      const last = page.kvs.at(-1);
      if (!page.more || last === undefined) break;
      from = Buffer.concat([last.key, Buffer.of(0)]);
    }
    this.#returned.addPages(keys, bytes);
    return 0;
  }

  counters(): Readonly<Record<string, number>> {
    const { bytesReturned: keyAndValueBytes = 0, ...counters } = this.#returned.counters();
    // Those of whole responses are not known here.
    return { pages: this.#pages, ...counters, keyAndValueBytes };
  }
}

const makeRangePages: ScenarioFactory<RangePagesOptions> = (options) => new RangePagesScenario(options);

export default makeRangePages;
