const SMALLEST = 16 * 1024;
const LARGEST_KEPT = 512 * 1024;
const MOST_KEPT = 64;

/** Write buffers that no connection holds at the moment. Idle connections hold none. */
export class BufferPool {
  readonly #free: Buffer[] = [];

  /** A buffer of at least so many bytes, its content undefined. */
  take(bytes: number): Buffer {
    const last = this.#free.pop();
    if (last !== undefined && last.length >= bytes) return last;
    if (last !== undefined) this.#free.push(last);
    return Buffer.allocUnsafeSlow(Math.max(SMALLEST, bytes));
  }

  give(buffer: Buffer): void {
    if (buffer.length <= LARGEST_KEPT && this.#free.length < MOST_KEPT) this.#free.push(buffer);
  }
}
