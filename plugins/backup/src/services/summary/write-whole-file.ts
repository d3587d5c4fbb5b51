import { constants } from 'node:fs';
import { access, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError, OperationError } from '@etcdperf/core/errors';

/** Before long work whose result is to be written: throws InputError where there is no folder that can be written to. */
export async function checkFolderOf(path: string, flag: string): Promise<void> {
  const folder = dirname(path);
  await access(folder, constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(`can't write to ${folder}: ${cause.code}`, { where: flag, cause });
  });
}

/** The file has its name only when it is whole. Rejects with an OperationError. */
export async function writeWholeFile(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeFile(part, text);
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true });
    throw new OperationError(`can't be written: ${(cause as NodeJS.ErrnoException).code}`, { where: path, cause });
  }
}
