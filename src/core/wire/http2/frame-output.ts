import type { Socket } from 'node:net';
import type { WireLoop } from '../loop/index.ts';

/**
 * Frames that wait for the next write. A buffer is taken from the pool for the first of them and goes back after the
 * write: right away where the socket could write at once, as plain TCP nearly always can.
 */
export class FrameOutput {
  /** Valid after `reserve()`, until `flush()`. */
  bytes: Buffer = NONE;
  length = 0;
  readonly #socket: Socket;
  readonly #loop: WireLoop;
  /** TLS never writes at once. */
  readonly #isAlwaysLater: boolean;
  #isWriting = false;
  #isCorked = false;
  #isFlushScheduled = false;

  constructor(socket: Socket, loop: WireLoop, isAlwaysLater: boolean) {
    this.#socket = socket;
    this.#loop = loop;
    this.#isAlwaysLater = isAlwaysLater;
  }

  /** Bytes that the kernel has not taken yet. */
  get pending(): number {
    return this.length + this.#socket.writableLength;
  }

  /** Makes room for so many bytes at `length`. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = this.#loop.writeBuffers.take(this.length === 0 ? needed : needed * 2);
    if (this.length > 0) this.bytes.copy(larger, 0, 0, this.length);
    this.#giveBack(this.bytes);
    this.bytes = larger;
  }

  /** Writes after the current callback, together with all that comes until then. */
  flushSoon(): void {
    if (this.#isCorked || this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    this.#loop.flushSoon(this);
  }

  /** From now on `flushSoon()` need not care: whoever corks flushes. */
  cork(): void {
    this.#isCorked = true;
  }

  uncork(): void {
    this.#isCorked = false;
  }

  /** Writes all of it, once the write before is done. */
  flush(): void {
    this.#isFlushScheduled = false;
    if (this.length === 0 || this.#isWriting || this.#socket.destroyed) return;
    const full = this.bytes;
    const chunk = full.subarray(0, this.length);
    this.length = 0;
    if (this.#isAlwaysLater) {
      this.#isWriting = true;
      this.bytes = NONE;
      this.#socket.write(chunk, () => this.#onWritten(full));
      return;
    }
    this.#socket.write(chunk);
    this.bytes = NONE;
    if (this.#socket.writableLength === 0) {
      this.#giveBack(full);
      return;
    }
    // An empty write ends after all that is before it.
    this.#isWriting = true;
    this.#socket.write('', () => this.#onWritten(full));
  }

  /** The connection is over. */
  release(): void {
    if (!this.#isWriting) this.#giveBack(this.bytes);
    this.bytes = NONE;
    this.length = 0;
  }

  #onWritten(buffer: Buffer): void {
    this.#giveBack(buffer);
    this.#isWriting = false;
    this.flush();
  }

  #giveBack(buffer: Buffer): void {
    if (buffer !== NONE) this.#loop.writeBuffers.give(buffer);
  }
}

const NONE = Buffer.alloc(0);
