import { StringDecoder } from 'node:string_decoder';

/** Bytes in, whole lines out. What follows the last line end waits for its rest. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  /** Bytes up to the end of the last whole line. */
  #bytes = 0;
  #restBytes = 0;

  /** How many bytes the lines so far took, with their line ends. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether part of a line is waiting. */
  get isWithinLine(): boolean {
    return this.#restBytes > 0;
  }

  push(chunk: Buffer): string[] {
    const end = chunk.lastIndexOf(10) + 1;
    if (end === 0) {
      this.#rest += this.#decoder.write(chunk);
      this.#restBytes += chunk.length;
      return [];
    }
    const lines = (this.#rest + this.#decoder.write(chunk.subarray(0, end))).split('\n');
    lines.pop();
    this.#bytes += this.#restBytes + end;
    this.#rest = this.#decoder.write(chunk.subarray(end));
    this.#restBytes = chunk.length - end;
    return lines;
  }
}
