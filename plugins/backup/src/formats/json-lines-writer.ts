import type { KeyPage } from '../contents/key-page.ts';
import { copyBytes } from './copy-bytes.ts';
import { DUMP_COLUMNS, type DumpColumn, type DumpLayout, fieldName } from './dump-layout.ts';
import { JSON_TEXT_GROWTH, writeJsonText } from './json-text.ts';
import { PageWriter, type Row } from './page-writer.ts';
import { writeEncoded } from './write-encoded.ts';
import { writeDecimal, writeHex64 } from './write-number.ts';

const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const LF = 0x0a;

const labelOf = (name: string) => Buffer.from(`"${name}":`);
const BASE64_KEY = labelOf('key_base64');
const BASE64_VALUE = labelOf('value_base64');

/** One JSON object per key, its fields called as the columns; what a key has none of is left out. */
export class JsonLinesWriter extends PageWriter {
  readonly #labels: Readonly<Record<DumpColumn, Buffer>>;

  constructor(layout: DumpLayout) {
    super(layout, { growth: JSON_TEXT_GROWTH, checksText: layout.keys === 'text' || layout.values === 'text' });
    this.#labels = Object.fromEntries(
      DUMP_COLUMNS.map((column) => [column, labelOf(fieldName(layout, column))]),
    ) as Record<DumpColumn, Buffer>;
  }

  begin(): void {}

  protected beginPage(): void {}

  protected writeRow(target: Buffer, start: number, page: KeyPage, index: number, row: Row): number {
    const { bytes } = page;
    const { columns } = this.layout;
    let at = start;
    target[at++] = OPENING_BRACE;
    for (let number = 0; number < columns.length; number++) {
      const column = columns[number]!;
      if (!hasField(column, row)) continue;
      if (at > start + 1) target[at++] = COMMA;
      at = this.#writeLabel(target, at, column, row);
      switch (column) {
        case 'key':
          at = this.#writeBytes(target, at, bytes, row.keyStart, row.keyEnd, row.isKeyText, this.layout.keys === 'hex');
          break;
        case 'value': {
          const isHex = this.layout.values === 'hex';
          at = this.#writeBytes(target, at, bytes, row.valueStart, row.valueEnd, row.isValueText, isHex);
          break;
        }
        case 'create_revision':
          at = writeDecimal(target, at, page.createRevision[index]!);
          break;
        case 'mod_revision':
          at = writeDecimal(target, at, page.modRevision[index]!);
          break;
        case 'version':
          at = writeDecimal(target, at, page.version[index]!);
          break;
        case 'value_size':
          at = writeDecimal(target, at, row.valueEnd - row.valueStart);
          break;
        case 'ttl_left':
          at = writeDecimal(target, at, row.ttl!);
          break;
        default:
          target[at++] = QUOTE;
          if (column === 'lease') at = writeHex64(target, at, row.leaseHigh, row.leaseLow);
          else if (column === 'kind') at = copyBytes(target, at, bytes, row.type!.kindStart, row.type!.kindEnd);
          else at = copyBytes(target, at, bytes, row.type!.apiVersionStart, row.type!.apiVersionEnd);
          target[at++] = QUOTE;
          break;
      }
    }
    target[at++] = CLOSING_BRACE;
    target[at++] = LF;
    return at;
  }

  #writeLabel(target: Buffer, at: number, column: DumpColumn, row: Row): number {
    let label = this.#labels[column];
    if (column === 'key' && !row.isKeyText && this.layout.keys === 'text') label = BASE64_KEY;
    else if (column === 'value' && !row.isValueText && this.layout.values === 'text') label = BASE64_VALUE;
    return copyBytes(target, at, label, 0, label.length);
  }

  #writeBytes(
    target: Buffer,
    at: number,
    bytes: Buffer,
    start: number,
    end: number,
    isText: boolean,
    isHex: boolean,
  ): number {
    if (isText) return writeJsonText(target, at, bytes, start, end);
    target[at] = QUOTE;
    const encodedEnd = writeEncoded(target, at + 1, bytes, start, end, isHex ? 'hex' : 'base64');
    target[encodedEnd] = QUOTE;
    return encodedEnd + 1;
  }
}

function hasField(column: DumpColumn, row: Row): boolean {
  switch (column) {
    case 'lease':
      return (row.leaseLow | row.leaseHigh) !== 0;
    case 'ttl_left':
      return row.ttl !== undefined;
    case 'kind':
    case 'api_version':
      return row.type !== undefined;
    default:
      return true;
  }
}
