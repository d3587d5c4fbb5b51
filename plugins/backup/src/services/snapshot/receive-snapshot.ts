import type { FileHandle } from 'node:fs/promises';
import { OperationError } from '@etcdperf/core/errors';
import { classifyStatus, SnapshotStream, type StreamEnd, type WireConnection, WireError } from '@etcdperf/core/wire';

const BLOCK_BYTES = 1 << 20;
/** With so many blocks that wait for the disk the member is slowed down. */
const MOST_WAITING = 8;

/** How much has come, and how much there is, as the member sees it. */
export interface SnapshotProgress {
  readonly bytes: number;
  readonly totalBytes: number;
}

/**
 * Streams a member's snapshot into a file, no faster than the disk takes it. Returns its bytes. Rejects with a WireError
 * when the stream breaks, an OperationError when the file can't be written, the signal's reason.
 */
export async function receiveSnapshot(
  connection: WireConnection,
  file: FileHandle,
  path: string,
  options: { readonly signal?: AbortSignal | undefined; readonly onProgress?: (progress: SnapshotProgress) => void },
): Promise<number> {
  const { signal, onProgress } = options;
  const inbox = new Inbox(connection);
  const onAbort = () => inbox.fail(signal!.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    inbox.start();
    let bytes = 0;
    for (let block = await inbox.next(); block !== undefined; block = await inbox.next()) {
      await writeAll(file, block, bytes, path);
      bytes += block.length;
      inbox.recycle(block);
      onProgress?.({ bytes, totalBytes: inbox.totalBytes });
    }
    return bytes;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    inbox.close();
  }
}

/** What has come and is not written yet, in blocks. */
class Inbox {
  /** As the member said at first. */
  totalBytes = 0;
  readonly #connection: WireConnection;
  readonly #stream: SnapshotStream;
  readonly #waiting: Buffer<ArrayBuffer>[] = [];
  /** Blocks that are written: a new one for each would wait for the garbage collector, a hundred at a time. */
  readonly #free: Buffer<ArrayBuffer>[] = [];
  #block = Buffer.allocUnsafe(BLOCK_BYTES);
  #length = 0;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;
  #isPaused = false;

  constructor(connection: WireConnection) {
    this.#connection = connection;
    this.#stream = new SnapshotStream(connection, {
      onBlob: (bytes, start, end, remaining) => {
        if (this.totalBytes === 0) this.totalBytes = end - start + remaining;
        this.#take(bytes, start, end);
      },
      onEnd: (end) => this.#onEnd(end),
    });
  }

  start(): void {
    this.#stream.start();
    this.#connection.flush();
  }

  /** The next block; undefined at the end. */
  async next(): Promise<Buffer<ArrayBuffer> | undefined> {
    for (;;) {
      // What came before a failure is of no use.
      if (this.#end?.error !== undefined) throw this.#end.error;
      const block = this.#waiting.shift();
      if (this.#waiting.length < MOST_WAITING / 2) this.#flow(true);
      if (block !== undefined) return block;
      if (this.#end !== undefined) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  /** Takes back a block that nobody looks at any more. */
  recycle(block: Buffer<ArrayBuffer>): void {
    if (block.length === BLOCK_BYTES) this.#free.push(block);
  }

  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  close(): void {
    this.#flow(true);
    this.#stream.close();
  }

  #take(bytes: Buffer, start: number, end: number): void {
    for (let from = start; from < end; ) {
      const copied = bytes.copy(this.#block, this.#length, from, end);
      from += copied;
      this.#length += copied;
      if (this.#length === BLOCK_BYTES) this.#pass();
    }
    if (this.#waiting.length >= MOST_WAITING) this.#flow(false);
  }

  #pass(): void {
    this.#waiting.push(this.#block.subarray(0, this.#length));
    this.#block = this.#free.pop() ?? Buffer.allocUnsafe(BLOCK_BYTES);
    this.#length = 0;
    this.#wake?.();
  }

  #flow(flows: boolean): void {
    if (this.#isPaused !== flows) return;
    this.#isPaused = !flows;
    if (flows) this.#connection.resume();
    else this.#connection.pause();
  }

  #onEnd(end: StreamEnd): void {
    const { endpoint } = this.#connection.target;
    if (end.kind === 'status' && end.code === 0) {
      if (this.#length > 0) this.#pass();
      this.#end ??= {};
      this.#wake?.();
    } else if (end.kind === 'status')
      this.fail(new WireError(end.message, { ...classifyStatus(end.code, end.message, false), endpoint }));
    else
      this.fail(
        new WireError(`the stream broke off: ${end.message}`, { outcome: 'fail', reason: 'connection', endpoint }),
      );
  }
}

async function writeAll(file: FileHandle, block: Buffer, position: number, path: string): Promise<void> {
  try {
    for (let done = 0; done < block.length; ) {
      const { bytesWritten } = await file.write(block, done, block.length - done, position + done);
      done += bytesWritten;
    }
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/** What the operating system says of a file, for people. */
export function fileError(cause: unknown, path: string): OperationError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new OperationError(isFull ? 'no space left for the snapshot' : `can't write the snapshot: ${message}`, {
    where: path,
    hint: isFull ? 'nothing of it is left there; make room, or name a file elsewhere' : undefined,
    cause,
  });
}
