import { KeyPlaces } from './key-places.ts';
import { isOpenEnded, type KeySpan } from './key-span.ts';

/** What of a span is asked for next. */
export interface Step {
  readonly start: Buffer;
  /** A single zero byte: there is no end. */
  readonly end: Buffer;
}

/** What came of a step. */
export interface StepResult {
  /** Keys that came, the first of those that the step has. */
  readonly keys: number;
  /** Keys that the step has. */
  readonly count: number;
  /** The last key that came. Undefined: none did. */
  readonly last: Buffer | undefined;
  /** Some of the keys. */
  readonly examples: readonly Buffer[];
}

/** Nothing found: the next step is so many times as wide. */
const GROWTH = 4;
/** Widths are multiplied by fractions of this. */
const PRECISION = 1024;

/**
 * The steps of a way through a span. For every page etcd walks over all keys of the range that it is asked for, to count
 * them: with a limit alone, a million keys would be walked over a hundred times. So each step ends where, by the keys that
 * were seen, about as many are as a page takes.
 */
export class SpanWalk {
  /** Keys of the span that are still to come. */
  left: number;
  readonly #span: KeySpan;
  readonly #places: KeyPlaces;
  /** Where the next step begins; all before it is done. */
  #at: Buffer;
  /** Where the last step ended, or the one that is under way does. */
  #end: Buffer;
  /** Keys of the step under way that are still to come; 0: none is under way. */
  #leftOfStep: number;
  /** Between these so many keys were seen last: as many may follow in as much room. */
  #seen: { readonly from: Buffer; readonly to: Buffer; readonly keys: number } | undefined;
  #growth = 1;

  /** @param keys that the span has */
  constructor(span: KeySpan, keys: number) {
    this.#span = span;
    this.#places = new KeyPlaces(span.prefix);
    this.left = keys;
    this.#leftOfStep = keys;
    this.#at = span.start;
    this.#end = span.end;
  }

  /** @param wanted keys of a page. Undefined: the span is done. */
  next(wanted: number): Step | undefined {
    if (this.left <= 0) return undefined;
    // What is left is not cut while it is small.
    if (this.left <= 2 * wanted) this.#end = this.#span.end;
    else if (this.#leftOfStep === 0) this.#end = this.#cut(wanted, this.#span.end);
    else if (this.#leftOfStep > 2 * wanted) this.#end = this.#cut(wanted, this.#end);
    return { start: this.#at, end: this.#end };
  }

  /** What the step that was asked for gave. */
  took({ keys, count, last, examples }: StepResult): void {
    const from = this.#at;
    for (const example of examples) this.#places.learn(example);
    this.left -= keys;
    this.#leftOfStep = count - keys;
    if (last !== undefined && keys < count) {
      // The limit cut it: on behind the last key.
      this.#at = Buffer.concat([last, Buffer.of(0)]);
      this.#seen = { from, to: last, keys };
      this.#growth = 1;
      return;
    }
    this.#at = this.#end;
    if (keys > 0) {
      this.#seen = { from, to: this.#end, keys };
      this.#growth = 1;
    } else this.#growth *= GROWTH;
  }

  /** Where from here on about so many keys end, if the next are as dense as the last; at most `outer`. */
  #cut(wanted: number, outer: Buffer): Buffer {
    if (this.#seen === undefined) return outer;
    const { from, to, keys } = this.#seen;
    const places = this.#places;
    const at = places.of(this.#at);
    const width = places.of(to) - places.of(from);
    const share = Math.min(wanted / keys, GROWTH) * this.#growth;
    for (let step = scaled(width, share) + 1n; at + step < places.end; step *= BigInt(GROWTH)) {
      const end = places.at(at + step);
      if (Buffer.compare(end, this.#at) <= 0) continue;
      return isOpenEnded({ end: outer }) || Buffer.compare(end, outer) < 0 ? end : outer;
    }
    return outer;
  }
}

function scaled(width: bigint, share: number): bigint {
  return (width * BigInt(Math.ceil(share * PRECISION))) / BigInt(PRECISION);
}
