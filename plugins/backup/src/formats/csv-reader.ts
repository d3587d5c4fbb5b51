import type { KeyRecord } from '../contents/key-record.ts';
import { CsvFields } from './csv-fields.ts';
import { DamagedDumpError } from './damaged-dump-error.ts';
import type { DumpColumn, DumpLayout } from './dump-layout.ts';
import { readDecimal, readEncoded, readHex64 } from './read-field.ts';
import type { RowsReader } from './rows-reader.ts';

/** Reads what CsvWriter writes, and CSV of other hands with the same header. */
export class CsvReader implements RowsReader {
  rows = 0;
  readonly #layout: DumpLayout;
  readonly #name: string;
  readonly #fields = new CsvFields();
  readonly #index: Partial<Record<DumpColumn, number>>;
  #isHeaderRead = false;
  /** Of the next row. */
  #line = 1;

  /** `name`: how messages call the file. */
  constructor(layout: DumpLayout, name: string) {
    this.#layout = layout;
    this.#name = name;
    this.#index = Object.fromEntries(layout.columns.map((column, index) => [column, index]));
  }

  read(bytes: Buffer, isEnd: boolean): { records: KeyRecord[]; used: number } {
    const records: KeyRecord[] = [];
    const fields = this.#fields;
    let used = 0;
    while (used < bytes.length) {
      const found = fields.find(bytes, used, isEnd);
      if (found.status === 'bad') throw this.#damage(found.message, bytes, used, found.at);
      if (found.status === 'cut') {
        if (isEnd) throw this.#cutShort();
        break;
      }
      if (!this.#isHeaderRead) this.#isHeaderRead = true;
      else {
        records.push(this.#record(bytes, used));
        this.rows += 1;
      }
      this.#line += fields.lines;
      used = fields.next;
    }
    return { records, used };
  }

  #record(bytes: Buffer, rowStart: number): KeyRecord {
    const { keys, values, columns } = this.#layout;
    const fields = this.#fields;
    if (fields.count !== columns.length) {
      const message = `${fields.count} fields where the header has ${columns.length}`;
      throw this.#damage(message, bytes, rowStart, rowStart);
    }
    const index = this.#index;
    let keyEncoding = keys;
    let valueEncoding = values;
    const encoding = index.encoding;
    if (encoding !== undefined && fields.end[encoding]! > fields.start[encoding]!) {
      const said = bytes.toString('latin1', fields.start[encoding]!, fields.end[encoding]!);
      if (said !== 'key' && said !== 'value' && said !== 'key value')
        throw this.#damage(`encoding is '${said}'`, bytes, rowStart, fields.start[encoding]!);
      if (said !== 'value') keyEncoding = 'base64';
      if (said !== 'key') valueEncoding = 'base64';
    }
    const value =
      index.value === undefined || valueEncoding === 'none'
        ? undefined
        : this.#bytes(bytes, rowStart, index.value, valueEncoding);
    return {
      key: this.#bytes(bytes, rowStart, index.key!, keyEncoding),
      value,
      valueSize: value?.length ?? this.#number(bytes, rowStart, index.value_size),
      createRevision: this.#number(bytes, rowStart, index.create_revision) ?? 0,
      modRevision: this.#number(bytes, rowStart, index.mod_revision) ?? 0,
      version: this.#number(bytes, rowStart, index.version) ?? 0,
      lease: this.#lease(bytes, rowStart, index.lease),
      ttlSeconds: this.#number(bytes, rowStart, index.ttl_left),
    };
  }

  #bytes(bytes: Buffer, rowStart: number, field: number, encoding: 'text' | 'base64' | 'hex'): Buffer {
    if (encoding === 'text') return this.#fields.field(bytes, field);
    const start = this.#fields.start[field]!;
    const decoded = readEncoded(bytes, start, this.#fields.end[field]!, encoding);
    if (decoded === undefined) throw this.#damage(`not ${encoding}`, bytes, rowStart, start);
    return decoded;
  }

  #number(bytes: Buffer, rowStart: number, field: number | undefined): number | undefined {
    if (field === undefined) return undefined;
    const start = this.#fields.start[field]!;
    const end = this.#fields.end[field]!;
    if (start === end) return undefined;
    const number = readDecimal(bytes, start, end);
    if (number === undefined)
      throw this.#damage(`${this.#layout.columns[field]} isn't a number`, bytes, rowStart, start);
    return number;
  }

  #lease(bytes: Buffer, rowStart: number, field: number | undefined): bigint {
    if (field === undefined) return 0n;
    const start = this.#fields.start[field]!;
    const end = this.#fields.end[field]!;
    if (start === end) return 0n;
    const lease = readHex64(bytes, start, end);
    if (lease === undefined) throw this.#damage("lease isn't a hexadecimal number", bytes, rowStart, start);
    return lease;
  }

  /** `at`: an offset in `bytes`; the row's text begins at `rowStart`. */
  #damage(message: string, bytes: Buffer, rowStart: number, at: number): DamagedDumpError {
    let line = this.#line;
    let lineStart = rowStart;
    for (let index = rowStart; index < at; index++) {
      if (bytes[index] !== 0x0a) continue;
      line += 1;
      lineStart = index + 1;
    }
    return new DamagedDumpError(message, {
      kind: 'bad-row',
      rows: this.rows,
      where: `${this.#name}:${line}:${at - lineStart + 1}`,
    });
  }

  #cutShort(): DamagedDumpError {
    return new DamagedDumpError(`it ends in the middle of row ${this.rows + 1}`, {
      kind: 'cut-short',
      rows: this.rows,
      where: `${this.#name}:${this.#line}`,
    });
  }
}
