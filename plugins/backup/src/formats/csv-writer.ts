import type { KeyPage } from '../contents/key-page.ts';
import { copyBytes } from './copy-bytes.ts';
import { CsvQuoting } from './csv-quoting.ts';
import { type DumpLayout, fieldName } from './dump-layout.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { PageWriter, type Row } from './page-writer.ts';
import { writeEncoded } from './write-encoded.ts';
import { writeDecimal, writeHex64 } from './write-number.ts';

const COMMA = 0x2c;
const CR = 0x0d;
const LF = 0x0a;

/** RFC 4180: a header, fields in quotes where they must be, CR LF at the ends of lines. */
export class CsvWriter extends PageWriter {
  readonly #quoting = new CsvQuoting();

  constructor(layout: DumpLayout) {
    // Where rows can't say that a field is in base64, it is written as it is.
    super(layout, { growth: 2, checksText: layout.columns.includes('encoding') });
  }

  begin(output: OutputBuffer): void {
    output.append(`${this.layout.columns.map((column) => fieldName(this.layout, column)).join(',')}\r\n`);
  }

  protected beginPage(): void {
    this.#quoting.restart();
  }

  protected writeRow(target: Buffer, start: number, page: KeyPage, index: number, row: Row): number {
    const { bytes } = page;
    const { columns, keys, values } = this.layout;
    let at = start;
    for (let column = 0; column < columns.length; column++) {
      if (column > 0) target[at++] = COMMA;
      switch (columns[column]!) {
        case 'key':
          at = row.isKeyText
            ? this.#quoting.write(target, at, bytes, row.keyStart, row.keyEnd)
            : writeEncoded(target, at, bytes, row.keyStart, row.keyEnd, keys === 'hex' ? 'hex' : 'base64');
          break;
        case 'value':
          at = row.isValueText
            ? this.#quoting.write(target, at, bytes, row.valueStart, row.valueEnd)
            : writeEncoded(target, at, bytes, row.valueStart, row.valueEnd, values === 'hex' ? 'hex' : 'base64');
          break;
        case 'encoding': {
          const isKeyEncoded = keys === 'text' && !row.isKeyText;
          const isValueEncoded = values === 'text' && !row.isValueText;
          if (isKeyEncoded) at += target.write(isValueEncoded ? 'key value' : 'key', at, 'latin1');
          else if (isValueEncoded) at += target.write('value', at, 'latin1');
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
        case 'lease':
          if ((row.leaseLow | row.leaseHigh) !== 0) at = writeHex64(target, at, row.leaseHigh, row.leaseLow);
          break;
        case 'ttl_left':
          if (row.ttl !== undefined) at = writeDecimal(target, at, row.ttl);
          break;
        case 'value_size':
          at = writeDecimal(target, at, row.valueEnd - row.valueStart);
          break;
        case 'api_version':
          if (row.type !== undefined)
            at = copyBytes(target, at, bytes, row.type.apiVersionStart, row.type.apiVersionEnd);
          break;
        default:
          if (row.type !== undefined) at = copyBytes(target, at, bytes, row.type.kindStart, row.type.kindEnd);
          break;
      }
    }
    target[at++] = CR;
    target[at++] = LF;
    return at;
  }
}
