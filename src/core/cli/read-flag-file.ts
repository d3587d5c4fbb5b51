import { readFile } from 'node:fs/promises';
import { InputError } from '../errors/index.ts';

/** A file that a flag names, whole. Throws InputError naming the flag. */
export async function readFlagFile(path: string, flag: string, signal?: AbortSignal): Promise<Buffer> {
  try {
    // It may be a pipe that nobody writes to.
    return await readFile(path, signal === undefined ? {} : { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new InputError(`can't read ${path}: ${(cause as NodeJS.ErrnoException).code}`, { where: flag, cause });
  }
}
