/** Bytes that grow at their end; emptied, its memory is used again. */
export class OutputBuffer {
  bytes: Buffer;
  /** How many of `bytes` are written. */
  length = 0;

  /** `size`: bytes to begin with. */
  constructor(size = 1 << 20) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** Makes room for `size` more bytes. `bytes` is another buffer then. */
  reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  append(text: string): void {
    this.reserve(Buffer.byteLength(text));
    this.length += this.bytes.write(text, this.length);
  }

  /** What is written: good until the next change. */
  content(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}
