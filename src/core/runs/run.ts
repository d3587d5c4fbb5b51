import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OperationError } from '../errors/index.ts';
import { MANIFEST_FILE, RESULT_FILE, type RunManifest, type RunStatus } from './manifest.ts';
import { writeJsonAtomically } from './write-json.ts';

/**
 * A run folder being written. Lines are handed to the kernel before `append` returns, so that killing this process
 * loses none of them. A file's name may have folders in it (`hosts/node1.jsonl`). Failures to write (a full disk) are OperationErrors that name the file.
 */
export class Run {
  readonly dir: string;
  #manifest: RunManifest;
  readonly #files = new Map<string, number>();

  private constructor(dir: string, manifest: RunManifest) {
    this.dir = dir;
    this.#manifest = manifest;
  }

  /** Writes the manifest into the folder, which exists. Use `createRun`, which makes it. */
  static start(dir: string, manifest: RunManifest): Run {
    const run = new Run(dir, manifest);
    run.#write(MANIFEST_FILE, (path) => writeJsonAtomically(path, manifest));
    return run;
  }

  get id(): string {
    return this.#manifest.id;
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  /** Appends one JSON line to a file of the folder (`samples.jsonl`). */
  append(file: string, event: object): void {
    this.appendRaw(file, `${JSON.stringify(event)}\n`);
  }

  /** Appends bytes as they are, all or none: a host's event file, copied chunk by chunk. */
  appendRaw(file: string, chunk: Uint8Array | string): void {
    this.#write(file, (path) => {
      let descriptor = this.#files.get(file);
      if (descriptor === undefined) {
        descriptor = openSync(path, 'a');
        this.#files.set(file, descriptor);
      }
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      let sent = 0;
      try {
        while (sent < bytes.length) sent += writeSync(descriptor, bytes, sent);
      } catch (error) {
        // A disk may have room again later: half a line in the middle of a file would spoil it.
        if (sent > 0) ftruncateSync(descriptor, fstatSync(descriptor).size - sent);
        throw error;
      }
    });
  }

  /** Writes a whole text file, such as a log that was fetched. */
  writeText(file: string, text: string | Uint8Array): void {
    this.#write(file, (path) => writeFileSync(path, text));
  }

  /** Writes `result.json`, whole or not at all; writing again replaces it. */
  writeResult(result: object): void {
    this.#write(RESULT_FILE, (path) => writeJsonAtomically(path, result));
  }

  /** Notes in the manifest how the run ended and closes its files. Calling it again changes nothing. */
  finish(outcome: { readonly status: Exclude<RunStatus, 'running'> }): void {
    for (const descriptor of this.#files.values()) closeSync(descriptor);
    this.#files.clear();
    if (this.#manifest.status !== 'running') return;
    this.#manifest = { ...this.#manifest, status: outcome.status, finishedAt: new Date().toISOString() };
    this.#write(MANIFEST_FILE, (path) => writeJsonAtomically(path, this.#manifest));
  }

  #write(file: string, work: (path: string) => void): void {
    const path = join(this.dir, file);
    try {
      if (file.includes('/')) mkdirSync(dirname(path), { recursive: true });
      work(path);
    } catch (cause) {
      throw new OperationError(`can't write into the run folder: ${(cause as Error).message}`, { where: path, cause });
    }
  }
}
