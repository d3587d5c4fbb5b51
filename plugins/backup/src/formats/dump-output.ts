import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { abortReason, InputError, OperationError } from '@etcdperf/core/errors';
import { type Compression, compressionOf, createCompressor } from './compression.ts';
import type { DumpLayout } from './dump-layout.ts';
import { type DumpFacts, type DumpManifest, manifestPath, renderManifest } from './dump-manifest.ts';

/** Where a dump goes. Disposed before it is finished: nothing is left of it. */
export interface DumpOutput extends AsyncDisposable {
  /** The bytes may be changed again once it resolves. Rejects with OperationError. */
  write(bytes: Buffer): Promise<void>;
  /** Nothing more comes. A file gets its name now, and a manifest beside it. */
  finish(facts: DumpFacts): Promise<DumpManifest>;
}

/**
 * Opens a file, which is `<path>.part` until it is finished and compressed as its name's ending says, or standard output
 * (`-`). Throws InputError where there can be no such file.
 */
export async function openDumpOutput(
  path: string,
  layout: DumpLayout,
  { signal }: { readonly signal: AbortSignal },
): Promise<DumpOutput> {
  const compression = path === '-' ? 'none' : compressionOf(path);
  const compressor = compression === 'none' ? undefined : await createCompressor(compression);
  const sink = path === '-' ? stdoutSink() : await fileSink(path);
  return new CheckedOutput(layout, compression, sink, compressor, signal);
}

/** Takes bytes as they shall lie there. */
interface Sink {
  write(bytes: Buffer): Promise<void>;
  finish(manifest: string): Promise<void>;
  discard(): Promise<void>;
}

class CheckedOutput implements DumpOutput {
  readonly #hash = createHash('sha256');
  readonly #layout: DumpLayout;
  readonly #compression: Compression;
  readonly #sink: Sink;
  readonly #compressor: Transform | undefined;
  readonly #signal: AbortSignal;
  /** All that comes out of the compressor is written, or that has failed; never rejects. */
  readonly #pumped: Promise<void> | undefined;
  #failure: unknown;
  #contentBytes = 0;
  #fileBytes = 0;
  #isFinished = false;

  constructor(
    layout: DumpLayout,
    compression: Compression,
    sink: Sink,
    compressor: Transform | undefined,
    signal: AbortSignal,
  ) {
    this.#layout = layout;
    this.#compression = compression;
    this.#sink = sink;
    this.#compressor = compressor;
    this.#signal = signal;
    this.#pumped = compressor === undefined ? undefined : this.#pump(compressor);
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.#signal.aborted) throw abortReason(this.#signal);
    this.#contentBytes += bytes.length;
    const compressor = this.#compressor;
    if (compressor === undefined) return this.#store(bytes);
    const isTaken = new Promise<boolean>((resolve) => {
      compressor.write(bytes, (error) => resolve(!error));
    });
    // A compressor whose output nobody takes any more may never answer.
    if (await Promise.race([isTaken, this.#pumped!.then(() => false)])) return;
    await this.#pumped;
    throw this.#failure ?? new OperationError('the compressor ended too early');
  }

  async finish(facts: DumpFacts): Promise<DumpManifest> {
    if (this.#signal.aborted) throw abortReason(this.#signal);
    this.#compressor?.end();
    await this.#pumped;
    if (this.#failure !== undefined) throw this.#failure;
    const manifest: DumpManifest = {
      ...facts,
      layout: this.#layout,
      compression: this.#compression,
      bytes: this.#contentBytes,
      file: { bytes: this.#fileBytes, sha256: this.#hash.digest('hex') },
      endedAt: new Date().toISOString(),
    };
    await this.#sink.finish(renderManifest(manifest));
    this.#isFinished = true;
    return manifest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isFinished) return;
    this.#compressor?.destroy();
    await this.#pumped;
    await this.#sink.discard();
  }

  async #pump(compressor: Transform): Promise<void> {
    try {
      for await (const chunk of compressor) await this.#store(chunk);
    } catch (error) {
      this.#failure = error;
    }
  }

  async #store(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes);
    this.#fileBytes += bytes.length;
    await this.#sink.write(bytes);
  }
}

async function fileSink(path: string): Promise<Sink> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) throw new InputError('it is a folder: name a file in it', { where: path });
  // A device or a pipe is written as it is: it has no other name.
  const isFile = existing === undefined || existing.isFile();
  const part = isFile ? `${path}.part` : path;
  const manifestPart = `${manifestPath(path)}.part`;
  let handle: FileHandle;
  try {
    // It holds whatever the keys do: secrets, too.
    handle = await open(part, 'w', 0o600);
  } catch (error) {
    throw new InputError(`the file can't be made: ${(error as Error).message}`, { where: path, cause: error });
  }
  return {
    async write(bytes) {
      try {
        for (let done = 0; done < bytes.length; )
          done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
      } catch (error) {
        throw writeError(error, path);
      }
    },
    async finish(manifest) {
      try {
        if (isFile) {
          await handle.sync();
          await writeFile(manifestPart, manifest, { flush: true });
        }
        await handle.close();
        if (!isFile) return;
        await rename(part, path);
        await rename(manifestPart, manifestPath(path));
      } catch (error) {
        throw writeError(error, path);
      }
    },
    async discard() {
      await handle.close().catch(() => {});
      if (!isFile) return;
      await rm(part, { force: true });
      await rm(manifestPart, { force: true });
    },
  };
}

function stdoutSink(): Sink {
  const { stdout } = process;
  let failure: Error | undefined;
  const onError = (error: Error) => {
    failure ??= error;
  };
  stdout.on('error', onError);
  return {
    async write(bytes) {
      if (failure !== undefined) throw writeError(failure, 'standard output');
      await new Promise<void>((resolve, reject) => {
        stdout.write(bytes, (error) => (error ? reject(writeError(error, 'standard output')) : resolve()));
      });
    },
    async finish() {
      if (stdout.writableNeedDrain) await once(stdout, 'drain');
    },
    async discard() {},
  };
}

function writeError(error: unknown, where: string): OperationError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new OperationError('there is no space left for the dump; what was written of it is removed', {
      where,
      hint: 'name a file on another file system, or compress it: .gz, .zst',
      cause: error,
    });
  if (code === 'EPIPE') return new OperationError('nobody reads it any more', { where, cause: error });
  return new OperationError(`the dump can't be written: ${(error as Error).message}`, { where, cause: error });
}
