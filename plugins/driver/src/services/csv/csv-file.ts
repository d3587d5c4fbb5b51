import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { InputError } from '@etcdperf/core/errors';
import { CSV_COLUMNS } from './csv-columns.ts';
import { csvLine } from './csv-line.ts';

/**
 * The results file. Each line is handed to the kernel as it happens, in one piece, so that killing this process leaves
 * whole lines. A file that is there already is continued.
 */
export class CsvFile implements Disposable {
  readonly path: string;
  #descriptor: number | undefined;
  #problem: string | undefined;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  /**
   * Makes the file, with its header, or opens the one that is there. Throws InputError where it can't be written, or has
   * other columns.
   */
  static open(path: string): CsvFile {
    const header = csvLine(CSV_COLUMNS);
    let file: CsvFile | undefined;
    try {
      file = new CsvFile(path, openSync(path, 'a+'));
      const begin = file.#begin(Buffer.byteLength(header));
      if (begin === '') file.#write(header);
      else if (begin !== header)
        throw new InputError('the file has other columns than this etcdperf writes', {
          where: `--csv-file ${path}`,
          hint: 'name a new file: what is there is not touched',
        });
      else if (!file.#endsWithLine()) file.#write('\n');
      return file;
    } catch (cause) {
      file?.[Symbol.dispose]();
      if (cause instanceof InputError) throw cause;
      throw new InputError(`can't write ${path}: ${(cause as NodeJS.ErrnoException).code}`, {
        where: '--csv-file',
        cause,
      });
    }
  }

  /** Why lines are missing: the first failure to write one (a full disk). */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Appends a line. A failure is `problem`, and further lines are tried all the same: a disk may have room again. */
  append(fields: readonly (string | number)[]): void {
    try {
      this.#write(csvLine(fields));
    } catch (cause) {
      this.#problem ??= `can't write ${this.path}: ${(cause as Error).message}`;
    }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #begin(length: number): string {
    const bytes = Buffer.alloc(length);
    return bytes.toString('utf8', 0, readSync(this.#descriptor!, bytes, 0, length, 0));
  }

  /** Another's kill may have left half a line: ours begin on a line of their own. */
  #endsWithLine(): boolean {
    const last = Buffer.alloc(1);
    readSync(this.#descriptor!, last, 0, 1, fstatSync(this.#descriptor!).size - 1);
    return last.toString() === '\n';
  }

  #write(text: string): void {
    const bytes = Buffer.from(text);
    const descriptor = this.#descriptor!;
    let sent = 0;
    try {
      while (sent < bytes.length) sent += writeSync(descriptor, bytes, sent);
    } catch (error) {
      // The next line, once there is room again, must not follow half of this one.
      if (sent > 0) ftruncateSync(descriptor, fstatSync(descriptor).size - sent);
      throw error;
    }
  }
}
