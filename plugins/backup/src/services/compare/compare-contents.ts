import type { Contents } from '../../contents/contents.ts';
import type { KeyRecord } from '../../contents/key-record.ts';
import { ascendingBatches } from '../ascending-batches.ts';
import { withinPrefixes } from '../within-prefixes.ts';
import type { ComparedSide, CompareReport } from './compare-report.ts';
import { type ComparedField, changedFields, type Difference, valueComparison } from './difference.ts';
import { type DifferenceJson, differenceJson } from './difference-json.ts';
import type { DifferencesFile } from './differences-file.ts';
import { KindCounts } from './kind-counts.ts';
import { mergeJoin } from './merge-join.ts';
import type { PrefixMapping } from './prefix-mapping.ts';

export interface CompareOptions {
  /** Beside which keys there are. */
  readonly fields: readonly ComparedField[];
  /** Only these keys; empty: all. */
  readonly prefixes: readonly Buffer[];
  /** Keys of A below one prefix are the same as those of B below another; goes before `prefixes`. */
  readonly mapping?: PrefixMapping | undefined;
  /** So many differences of each sort are kept. */
  readonly limit: number;
  /** So many bytes of values are shown. */
  readonly mostValueBytes: number;
  /** Where all differences go. */
  readonly file?: DifferencesFile | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: ((keys: number) => void) | undefined;
}

/** Compares two contents in one walk through both. Rejects as they do; InputError where keys are not in their order. */
export async function compareContents(a: Contents, b: Contents, options: CompareOptions): Promise<CompareReport> {
  const { mapping, prefixes, signal } = options;
  const tally = new DifferenceTally(options);
  const batches = (contents: Contents, wanted: readonly Buffer[]) =>
    withinPrefixes(ascendingBatches(contents, signal), wanted);
  const { keysOfA, keysOfB } = await mergeJoin(
    { batches: batches(a, mapping ? [mapping.from] : prefixes), skipBytes: mapping?.from.length ?? 0 },
    { batches: batches(b, mapping ? [mapping.to] : prefixes), skipBytes: mapping?.to.length ?? 0 },
    tally,
  );
  return tally.report(sideOf(a, keysOfA), sideOf(b, keysOfB));
}

function sideOf({ origin }: Contents, keys: number): ComparedSide {
  return { name: origin.name, revision: origin.revision, clusterId: origin.clusterId, keys };
}

/** What was found so far. */
class DifferenceTally {
  readonly #options: CompareOptions;
  readonly #counts = { same: 0, added: 0, removed: 0, changed: 0 };
  readonly #fields: Record<ComparedField, number> = { value: 0, lease: 0, revisions: 0, version: 0 };
  readonly #compared = { values: 0, sizes: 0, nothing: 0 };
  readonly #first: Record<Difference['kind'], DifferenceJson[]> = { added: [], removed: [], changed: [] };
  readonly #kinds = new KindCounts();

  constructor(options: CompareOptions) {
    this.#options = options;
  }

  visit(a: KeyRecord | undefined, b: KeyRecord | undefined): void {
    if (a === undefined || b === undefined) {
      this.#add(b === undefined ? { kind: 'removed', a: a! } : { kind: 'added', b });
      return;
    }
    this.#compared[valueComparison(a, b)] += 1;
    const fields = changedFields(a, b, this.#options.fields);
    if (fields.length === 0) this.#counts.same += 1;
    else this.#add({ kind: 'changed', a, b, fields });
  }

  settle(): Promise<void> | undefined {
    const { same, added, removed, changed } = this.#counts;
    this.#options.onProgress?.(same + added + removed + changed);
    return this.#options.file?.settle();
  }

  report(a: ComparedSide, b: ComparedSide): CompareReport {
    const { added, removed, changed } = this.#counts;
    return {
      a,
      b,
      isSame: added + removed + changed === 0,
      ...this.#counts,
      comparedFields: this.#options.fields,
      changedFields: this.#fields,
      valuesComparedBy: this.#compared,
      kinds: this.#kinds.sorted(),
      differences: this.#first,
    };
  }

  #add(difference: Difference): void {
    const { kind } = difference;
    this.#counts[kind] += 1;
    if (difference.kind === 'changed') for (const field of difference.fields) this.#fields[field] += 1;
    const { limit, file, mostValueBytes } = this.#options;
    this.#kinds.add(difference);
    const first = this.#first[kind];
    if (first.length >= limit && file === undefined) return;
    const json = differenceJson(difference, mostValueBytes);
    if (first.length < limit) first.push(json);
    file?.write(json);
  }
}
