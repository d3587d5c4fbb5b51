import { isUtf8 } from 'node:buffer';
import type { KeyPage } from '../contents/key-page.ts';
import { TypeSpan } from '../kubernetes/type-span.ts';
import type { DumpLayout } from './dump-layout.ts';
import type { DumpWriter, PageOptions } from './dump-writer.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** Rows whose text is looked at together: some tens of kilobytes. */
const ROWS_AT_ONCE = 128;
/** What numbers, names and the like of a row take at most, in bytes. */
const ROW_EXTRA = 512;

/** The row that is to be written: one for all of them. */
export interface Row {
  keyStart: number;
  keyEnd: number;
  valueStart: number;
  valueEnd: number;
  /** The key is to be written as text, which it is. */
  isKeyText: boolean;
  isValueText: boolean;
  leaseHigh: number;
  leaseLow: number;
  /** Seconds; undefined: nothing is known. */
  ttl: number | undefined;
  /** Where in the value its type is; undefined: it has none, or nobody asks. */
  type: TypeSpan | undefined;
}

/** What all formats have in common: text that isn't UTF-8 is found, and written in base64. */
export abstract class PageWriter implements DumpWriter {
  protected readonly layout: DumpLayout;
  /** What a byte of a key or a value may become. */
  readonly #growth: number;
  /** Text is looked at; else it is written as the bytes it is. */
  readonly #checksText: boolean;
  readonly #span: TypeSpan | undefined;
  readonly #row: Row = {
    keyStart: 0,
    keyEnd: 0,
    valueStart: 0,
    valueEnd: 0,
    isKeyText: true,
    isValueText: true,
    leaseHigh: 0,
    leaseLow: 0,
    ttl: undefined,
    type: undefined,
  };

  constructor(layout: DumpLayout, { growth, checksText }: { readonly growth: number; readonly checksText: boolean }) {
    this.layout = layout;
    this.#growth = growth;
    this.#checksText = checksText;
    this.#span = layout.columns.some((name) => name === 'kind' || name === 'api_version') ? new TypeSpan() : undefined;
  }

  abstract begin(output: OutputBuffer): void;

  /** A page begins: the same bytes may be others now. */
  protected abstract beginPage(): void;

  /** Writes the key at `index` of a page at `at` of `target`, which has room. Returns where it ends. */
  protected abstract writeRow(target: Buffer, at: number, page: KeyPage, index: number, row: Row): number;

  append(page: KeyPage, output: OutputBuffer, options: PageOptions = {}): number {
    this.beginPage();
    let written = 0;
    let isText = true;
    for (let from = 0; from < page.length; from += ROWS_AT_ONCE) {
      const to = Math.min(from + ROWS_AT_ONCE, page.length);
      const start = output.length;
      let rows = this.#appendRows(page, from, to, output, options, isText);
      // One look at many rows; where something isn't text, the likes of it are rarely alone.
      if (isText && this.#checksText && !isUtf8(output.bytes.subarray(start, output.length))) {
        isText = false;
        output.length = start;
        rows = this.#appendRows(page, from, to, output, options, isText);
      }
      written += rows;
    }
    return written;
  }

  /** `isText`: all text of these rows is taken for UTF-8. */
  #appendRows(
    page: KeyPage,
    from: number,
    to: number,
    output: OutputBuffer,
    { selected, ttls }: PageOptions,
    isText: boolean,
  ): number {
    const { bytes } = page;
    const isKeyText = this.layout.keys === 'text';
    const isValueText = this.layout.values === 'text';
    const hasTtls = ttls !== undefined && ttls.size > 0;
    const leases = new Uint32Array(page.lease.buffer, page.lease.byteOffset, page.length * 2);
    const span = this.#span;
    const row = this.#row;
    let rows = 0;
    for (let index = from; index < to; index++) {
      if (selected !== undefined && selected[index] === 0) continue;
      rows += 1;
      const keyStart = page.keyStart[index]!;
      const keyEnd = page.keyEnd[index]!;
      const valueStart = page.valueStart[index]!;
      const valueEnd = page.valueEnd[index]!;
      row.keyStart = keyStart;
      row.keyEnd = keyEnd;
      row.valueStart = valueStart;
      row.valueEnd = valueEnd;
      row.leaseLow = leases[2 * index]!;
      row.leaseHigh = leases[2 * index + 1]!;
      row.ttl = hasTtls && (row.leaseLow | row.leaseHigh) !== 0 ? ttls.get(page.lease[index]!) : undefined;
      row.isKeyText = isKeyText && (isText || isUtf8(bytes.subarray(keyStart, keyEnd)));
      row.isValueText = isValueText && (isText || isUtf8(bytes.subarray(valueStart, valueEnd)));
      row.type = span?.find(bytes, valueStart, valueEnd) === true ? span : undefined;
      output.reserve(this.#growth * (keyEnd - keyStart + valueEnd - valueStart) + ROW_EXTRA);
      output.length = this.writeRow(output.bytes, output.length, page, index, row);
    }
    return rows;
  }
}
