import { constants } from 'node:fs';
import { access, type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError, OperationError } from '@etcdperf/core/errors';
import { fileError } from './receive-snapshot.ts';
import { manifestPath, type SnapshotManifest } from './snapshot-manifest.ts';

/** It holds all that the cluster holds, secrets too. */
const MODE = 0o600;

/** A file in the making, as `<path>.part`: it gets its name when it is whole, or leaves nothing. */
export class SnapshotFile implements AsyncDisposable {
  readonly path: string;
  readonly part: string;
  readonly handle: FileHandle;
  #isDone = false;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.part = `${path}.part`;
    this.handle = handle;
  }

  /** Throws InputError where the file is there already (unless `force`) or can't be made. */
  static async create(path: string, force: boolean): Promise<SnapshotFile> {
    await checkPath(path, force);
    const part = `${path}.part`;
    try {
      // Of one that was killed.
      await rm(part, { force: true });
      return new SnapshotFile(path, await open(part, 'wx', MODE));
    } catch (cause) {
      throw new InputError(`can't write there: ${(cause as NodeJS.ErrnoException).code}`, { where: part, cause });
    }
  }

  /** Gives up what came so far. */
  async restart(): Promise<void> {
    await this.handle.truncate(0);
  }

  /** Makes sure that the disk has it. */
  async sync(): Promise<void> {
    await this.handle.sync().catch((cause: unknown) => {
      throw fileError(cause, this.part);
    });
  }

  /** The snapshot gets its name, its manifest beside it. */
  async finish(manifest: SnapshotManifest): Promise<void> {
    const final = manifestPath(this.path);
    const newManifest = `${final}.part`;
    try {
      await writeSynced(newManifest, `${JSON.stringify(manifest, undefined, 2)}\n`);
      const [own, there] = await Promise.all([this.handle.stat(), stat(this.part)]);
      if (own.ino !== there.ino || own.dev !== there.dev)
        throw new OperationError('another command writes the same file at the same time', { where: this.part });
      // Never the manifest of one beside the other: a snapshot without one is fine.
      await rm(final, { force: true });
      await rename(this.part, this.path);
      this.#isDone = true;
      await rename(newManifest, final);
      await syncFolder(dirname(this.path));
    } catch (cause) {
      await rm(newManifest, { force: true });
      throw cause instanceof OperationError ? cause : fileError(cause, this.path);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const own = await this.handle.stat();
    await this.handle.close();
    if (this.#isDone) return;
    const there = await stat(this.part).catch(() => undefined);
    if (there?.ino === own.ino) await rm(this.part, { force: true });
  }
}

async function checkPath(path: string, force: boolean): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) throw new InputError('this is no file', { where: path });
  if (there !== undefined && !force)
    throw new InputError('the file is there already', { where: path, hint: '--force writes over it' });
  const folder = dirname(path);
  await access(folder, constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such folder' : `can't write to the folder: ${cause.code}`;
    throw new InputError(why, { where: folder, cause });
  });
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', MODE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name is on the disk when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
