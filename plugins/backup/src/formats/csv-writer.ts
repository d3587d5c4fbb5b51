import { isUtf8 } from 'node:buffer';
import type { KeyPage } from '../contents/key-page.ts';
import { CsvQuoting } from './csv-quoting.ts';
import { type DumpLayout, fieldName } from './dump-layout.ts';
import type { DumpWriter, PageOptions } from './dump-writer.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { writeEncoded } from './write-encoded.ts';
import { writeDecimal, writeHex64 } from './write-number.ts';

const COMMA = 0x2c;
const CR = 0x0d;
const LF = 0x0a;

/** Rows whose text is looked at together: some tens of kilobytes. */
const ROWS_AT_ONCE = 128;
/** What numbers, commas and the like of a row take at most, in bytes. */
const ROW_EXTRA = 256;

/** RFC 4180: a header, fields in quotes where they must be, CR LF at the ends of lines. */
export class CsvWriter implements DumpWriter {
  readonly #layout: DumpLayout;
  readonly #quoting = new CsvQuoting();
  /** Rows say which of their fields are in base64: those whose text isn't UTF-8. */
  readonly #saysEncoding: boolean;

  constructor(layout: DumpLayout) {
    this.#layout = layout;
    this.#saysEncoding = layout.columns.includes('encoding');
  }

  begin(output: OutputBuffer): void {
    output.append(`${this.#layout.columns.map((column) => fieldName(this.#layout, column)).join(',')}\r\n`);
  }

  append(page: KeyPage, output: OutputBuffer, options: PageOptions = {}): number {
    this.#quoting.restart();
    let written = 0;
    let isText = true;
    for (let from = 0; from < page.length; from += ROWS_AT_ONCE) {
      const to = Math.min(from + ROWS_AT_ONCE, page.length);
      const start = output.length;
      let rows = this.#appendRows(page, from, to, output, options, isText);
      // One look at many rows; where something isn't text, the likes of it are rarely alone.
      if (isText && this.#saysEncoding && !isUtf8(output.bytes.subarray(start, output.length))) {
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
    const { bytes: source } = page;
    const { columns, keys, values } = this.#layout;
    const halves = new Uint32Array(page.lease.buffer, page.lease.byteOffset, page.length * 2);
    let rows = 0;
    for (let row = from; row < to; row++) {
      if (selected !== undefined && selected[row] === 0) continue;
      rows += 1;
      const keyStart = page.keyStart[row]!;
      const keyEnd = page.keyEnd[row]!;
      const valueStart = page.valueStart[row]!;
      const valueEnd = page.valueEnd[row]!;
      output.reserve(2 * (keyEnd - keyStart + valueEnd - valueStart) + ROW_EXTRA);
      const target = output.bytes;
      let at = output.length;
      const isKeyText = keys === 'text' && (isText || isUtf8(source.subarray(keyStart, keyEnd)));
      const isValueText = values === 'text' && (isText || isUtf8(source.subarray(valueStart, valueEnd)));
      for (let index = 0; index < columns.length; index++) {
        if (index > 0) target[at++] = COMMA;
        switch (columns[index]!) {
          case 'key':
            at = isKeyText
              ? this.#quoting.write(target, at, source, keyStart, keyEnd)
              : writeEncoded(target, at, source, keyStart, keyEnd, keys === 'hex' ? 'hex' : 'base64');
            break;
          case 'value':
            at = isValueText
              ? this.#quoting.write(target, at, source, valueStart, valueEnd)
              : writeEncoded(target, at, source, valueStart, valueEnd, values === 'hex' ? 'hex' : 'base64');
            break;
          case 'encoding':
            if (keys === 'text' && !isKeyText)
              at += target.write(values === 'text' && !isValueText ? 'key value' : 'key', at, 'latin1');
            else if (values === 'text' && !isValueText) at += target.write('value', at, 'latin1');
            break;
          case 'create_revision':
            at = writeDecimal(target, at, page.createRevision[row]!);
            break;
          case 'mod_revision':
            at = writeDecimal(target, at, page.modRevision[row]!);
            break;
          case 'version':
            at = writeDecimal(target, at, page.version[row]!);
            break;
          case 'lease': {
            const low = halves[2 * row]!;
            const high = halves[2 * row + 1]!;
            if (low !== 0 || high !== 0) at = writeHex64(target, at, high, low);
            break;
          }
          case 'ttl_left': {
            const ttl = ttls === undefined || ttls.size === 0 ? undefined : ttls.get(page.lease[row]!);
            if (ttl !== undefined) at = writeDecimal(target, at, ttl);
            break;
          }
          case 'value_size':
            at = writeDecimal(target, at, valueEnd - valueStart);
            break;
          default:
            break;
        }
      }
      target[at++] = CR;
      target[at++] = LF;
      output.length = at;
    }
    return rows;
  }
}
