import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { abortReason, EtcdperfError, InputError, OperationError } from '@etcdperf/core/errors';
import { type Compression, compressionIn, createDecompressor } from './compression.ts';
import { peek } from './peek.ts';

/** One reading of a file's content. */
export interface ContentReading {
  readonly compression: Compression;
  /** The beginning of the content. */
  readonly head: Buffer;
  /** What is wrong with the compressed data within that beginning: `chunks` rejects with it. */
  readonly failure: unknown;
  /** The content, uncompressed: once. Rejects with OperationError; with a zlib error where it isn't whole. */
  readonly chunks: AsyncIterableIterator<Buffer>;
  /** The file as it lies there; after the last chunk. SHA-256 in hex, only where it was asked for. */
  file(): { readonly bytes: number; readonly sha256: string | undefined };
  /** Of the content, so far. */
  contentBytes(): number;
}

const CHUNK_BYTES = 1 << 20;
const HEAD_BYTES = 4096;

/**
 * Begins to read a file, or standard input where `path` is `-`, through whatever it is compressed with: which its bytes
 * tell, not its name. Throws InputError where there is none.
 */
export async function readContent(
  path: string,
  { isHashed, signal }: { readonly isHashed: boolean; readonly signal: AbortSignal },
): Promise<ContentReading> {
  const counted = new CountedChunks(rawChunks(path, signal), isHashed ? createHash('sha256') : undefined);
  const raw = await peek(counted, HEAD_BYTES);
  if (raw.failure !== undefined) throw raw.failure;
  const compression = compressionIn(raw.head);
  if (compression === 'none')
    return { compression, ...raw, file: () => counted.total(), contentBytes: () => counted.total().bytes };
  const content = new CountedChunks(decompressed(raw.chunks, compression), undefined);
  const peeked = await peek(content, HEAD_BYTES);
  if (peeked.failure instanceof EtcdperfError) throw peeked.failure;
  return {
    compression,
    ...peeked,
    file: () => counted.total(),
    contentBytes: () => content.total().bytes,
  };
}

/** Counts and hashes what goes through. */
class CountedChunks implements AsyncIterable<Buffer> {
  readonly #chunks: AsyncIterable<Buffer>;
  readonly #hash: Hash | undefined;
  #bytes = 0;

  constructor(chunks: AsyncIterable<Buffer>, hash: Hash | undefined) {
    this.#chunks = chunks;
    this.#hash = hash;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const chunk of this.#chunks) {
      this.#hash?.update(chunk);
      this.#bytes += chunk.length;
      yield chunk;
    }
  }

  total(): { bytes: number; sha256: string | undefined } {
    return { bytes: this.#bytes, sha256: this.#hash?.copy().digest('hex') };
  }
}

async function* rawChunks(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const abort = () => stream.destroy(abortReason(signal));
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) throw abortReason(signal);
    yield* stream;
  } catch (error) {
    throw signal.aborted ? abortReason(signal) : describe(error, path);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function* decompressed(chunks: AsyncIterable<Buffer>, compression: 'gzip' | 'zstd'): AsyncGenerator<Buffer> {
  const decompressor = await createDecompressor(compression);
  // What goes wrong shows where it is read.
  pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 1 }), decompressor, () => {});
  yield* decompressor;
}

function describe(error: unknown, path: string): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new InputError('there is no such file', { where: path });
  if (code === 'EISDIR') return new InputError('it is a folder, not a file', { where: path });
  if (code === 'EACCES') return new InputError("the file can't be read by this user", { where: path, cause: error });
  return new OperationError(`it can't be read: ${(error as Error).message}`, { where: path, cause: error });
}
