import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InputError, OperationError } from '@etcdperf/core/errors';
import type { DriverState, StateStore } from './driver-state.ts';
import { parseDriverState } from './parse-driver-state.ts';

/**
 * States as files `<runsDir>/driver-state/<name>.json`: beside the run folders, which a pod that is moved keeps on a volume.
 * A crash leaves the old file or the new one, whole.
 */
export function folderStateStore(runsDir: string, name: string): StateStore {
  const path = resolve(runsDir, 'driver-state', `${encodeURIComponent(name)}.json`);
  const read = async () => {
    const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw new InputError(`can't read the saved state: ${cause.code ?? cause.message}`, { where: path, cause });
    });
    return text === undefined ? undefined : parseDriverState(text, path);
  };
  let isOurs = false;
  return {
    place: path,
    howToForget: 'delete the file',
    read,
    async write(state) {
      // Who is cut off from the control cluster can't learn there that it was given up for dead.
      if (isOurs && (await read())?.writer !== state.writer)
        throw new OperationError('another process has taken up this state', { where: path });
      await replaceFile(path, state);
      isOurs = true;
    },
  };
}

/** Not in this thread, which has load to make while the disk takes its time. */
async function replaceFile(path: string, state: DriverState): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await using file = await open(temporary, 'w');
    await file.writeFile(`${JSON.stringify(state, null, 2)}\n`);
    await file.sync();
    await rename(temporary, path);
  } catch (cause) {
    throw new OperationError(`can't save the state: ${(cause as Error).message}`, {
      where: path,
      hint: 'choose a folder that can be written with --runs-dir, or --resume-from etcd',
      cause,
    });
  }
}
