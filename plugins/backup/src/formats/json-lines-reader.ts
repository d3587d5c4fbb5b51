import { isUtf8 } from 'node:buffer';
import type { KeyRecord } from '../contents/key-record.ts';
import { DamagedDumpError } from './damaged-dump-error.ts';
import { readEncoded, readHex64 } from './read-field.ts';
import type { RowsReader } from './rows-reader.ts';

const LF = 0x0a;

/** Reads what JsonLinesWriter writes: one object per line. */
export class JsonLinesReader implements RowsReader {
  rows = 0;
  readonly #name: string;

  /** `name`: how messages call the file. */
  constructor(name: string) {
    this.#name = name;
  }

  read(bytes: Buffer, isEnd: boolean): { records: KeyRecord[]; used: number } {
    const records: KeyRecord[] = [];
    let used = 0;
    while (used < bytes.length) {
      const end = bytes.indexOf(LF, used);
      if (end < 0) {
        if (isEnd) throw this.#cutShort();
        break;
      }
      records.push(this.#record(bytes, used, end));
      this.rows += 1;
      used = end + 1;
    }
    return { records, used };
  }

  #record(bytes: Buffer, start: number, end: number): KeyRecord {
    if (!isUtf8(bytes.subarray(start, end))) throw this.#damage("the line isn't UTF-8", 1);
    const line = bytes.toString('utf8', start, end);
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch (error) {
      const { message } = error as Error;
      const [, position] = / at position (\d+)/.exec(message) ?? [];
      // Without a position it is the end that came too early.
      const column = Buffer.byteLength(position === undefined ? line : line.slice(0, Number(position))) + 1;
      throw this.#damage("the line isn't JSON", column, error);
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw this.#damage("the line isn't an object", 1);
    const fields = row as Record<string, unknown>;
    const key = this.#bytes(fields, 'key', line);
    if (key === undefined) throw this.#damage('there is no key', 1);
    const value = this.#bytes(fields, 'value', line);
    return {
      key,
      value,
      valueSize: value?.length ?? this.#number(fields, 'value_size', line),
      createRevision: this.#number(fields, 'create_revision', line) ?? 0,
      modRevision: this.#number(fields, 'mod_revision', line) ?? 0,
      version: this.#number(fields, 'version', line) ?? 0,
      lease: this.#lease(fields, line),
      ttlSeconds: this.#number(fields, 'ttl_left', line),
    };
  }

  #bytes(fields: Record<string, unknown>, name: 'key' | 'value', line: string): Buffer | undefined {
    const text = fields[name];
    if (text !== undefined) {
      if (typeof text !== 'string' || !text.isWellFormed()) throw this.#wrong(name, 'text', line);
      return Buffer.from(text);
    }
    for (const encoding of ['base64', 'hex'] as const) {
      const field = `${name}_${encoding}`;
      const encoded = fields[field];
      if (encoded === undefined) continue;
      const source = typeof encoded === 'string' ? Buffer.from(encoded) : undefined;
      const decoded = source === undefined ? undefined : readEncoded(source, 0, source.length, encoding);
      if (decoded === undefined) throw this.#wrong(field, encoding, line);
      return decoded;
    }
    return undefined;
  }

  #number(fields: Record<string, unknown>, name: string, line: string): number | undefined {
    const number = fields[name];
    if (number === undefined) return undefined;
    if (!Number.isSafeInteger(number)) throw this.#wrong(name, 'a number', line);
    return number as number;
  }

  #lease(fields: Record<string, unknown>, line: string): bigint {
    const { lease } = fields;
    if (lease === undefined) return 0n;
    const source = typeof lease === 'string' ? Buffer.from(lease) : undefined;
    const id = source === undefined ? undefined : readHex64(source, 0, source.length);
    if (id === undefined) throw this.#wrong('lease', 'a hexadecimal number', line);
    return id;
  }

  #wrong(field: string, wanted: string, line: string): DamagedDumpError {
    const at = Math.max(0, line.indexOf(`"${field}":`));
    return this.#damage(`${field} isn't ${wanted}`, Buffer.byteLength(line.slice(0, at)) + 1);
  }

  #damage(message: string, column: number, cause?: unknown): DamagedDumpError {
    const where = `${this.#name}:${this.rows + 1}:${column}`;
    return new DamagedDumpError(message, { kind: 'bad-row', rows: this.rows, where, cause });
  }

  #cutShort(): DamagedDumpError {
    return new DamagedDumpError(`it ends in the middle of row ${this.rows + 1}`, {
      kind: 'cut-short',
      rows: this.rows,
      where: `${this.#name}:${this.rows + 1}`,
    });
  }
}
