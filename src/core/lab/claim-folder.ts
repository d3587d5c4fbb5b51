import { mkdir } from 'node:fs/promises';
import { InputError, OperationError } from '../errors/index.ts';
import { labDir, labsDir, readLabState } from './lab-state.ts';

/** The lab's folder, claimed: of two that want the same name at once, one gets it. */
export async function claimFolder(name: string): Promise<string> {
  const dir = labDir(name);
  await mkdir(labsDir(), { recursive: true, mode: 0o700 });
  const claimed = await mkdir(dir).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      // The last lab to go took the folder of all labs with it.
      if (error.code === 'ENOENT') return undefined;
      throw new OperationError(`could not make the lab's folder: ${error.message}`, { where: dir, cause: error });
    },
  );
  if (claimed === undefined) return claimFolder(name);
  if (claimed) return dir;
  const state = await readLabState(dir);
  throw new InputError(
    `there is a lab '${name}' already${state === undefined ? '' : ` (${state.hosts.length} hosts)`}`,
    {
      where: dir,
      hint: 'lab:down takes it down; lab:up --name makes another beside it',
    },
  );
}
