import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { InputError, OperationError } from '@etcdperf/core/errors';
import type { DifferenceJson } from './difference-json.ts';

/** Text is handed to the file in pieces of about this size. */
const PIECE_CHARACTERS = 1 << 16;

/** All differences as JSON lines. It has its name only when it is whole; before it is `<path>.part`. */
export class DifferencesFile implements AsyncDisposable {
  readonly path: string;
  readonly #stream: WriteStream;
  readonly #partPath: string;
  #text = '';
  #failure: Error | undefined;
  #isFinished = false;

  private constructor(path: string) {
    this.path = path;
    this.#partPath = `${path}.part`;
    this.#stream = createWriteStream(this.#partPath);
    this.#stream.on('error', (error) => {
      this.#failure = error;
    });
  }

  /** Rejects with an InputError where no file can be made there. */
  static async create(path: string): Promise<DifferencesFile> {
    const file = new DifferencesFile(path);
    await once(file.#stream, 'open').catch((cause: NodeJS.ErrnoException) => {
      throw new InputError(`can't write ${path}: ${cause.code}`, { where: '--output', cause });
    });
    return file;
  }

  write(difference: DifferenceJson): void {
    this.#text += `${JSON.stringify(difference)}\n`;
    if (this.#text.length >= PIECE_CHARACTERS) this.#flush();
  }

  /** Waits where the disk is slower than what is written. Rejects with an OperationError where it takes no more. */
  settle(): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#refused(this.#failure));
    if (!this.#stream.writableNeedDrain) return undefined;
    return once(this.#stream, 'drain').then(
      () => undefined,
      (cause) => Promise.reject(this.#refused(cause)),
    );
  }

  /** Gives it its name. Rejects with an OperationError. */
  async finish(): Promise<void> {
    this.#flush();
    await new Promise<void>((resolve, reject) => {
      this.#stream.once('error', reject);
      if (this.#failure !== undefined) reject(this.#failure);
      else this.#stream.end(() => resolve());
    }).catch((cause) => Promise.reject(this.#refused(cause)));
    await rename(this.#partPath, this.path).catch((cause) => Promise.reject(this.#refused(cause)));
    this.#isFinished = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isFinished) return;
    this.#stream.destroy();
    await rm(this.#partPath, { force: true });
  }

  #flush(): void {
    this.#stream.write(this.#text);
    this.#text = '';
  }

  #refused(cause: unknown): OperationError {
    const code = (cause as NodeJS.ErrnoException).code;
    return new OperationError(`the differences can't be written: ${code === 'ENOSPC' ? 'the disk is full' : code}`, {
      where: this.path,
      cause,
    });
  }
}
