import { basename, join } from 'node:path';
import { InputError, OperationError } from '../errors/index.ts';
import { Lab } from './lab.ts';
import { findLabProcesses } from './lab-processes.ts';
import { labsDir, listLabDirs, readLabState } from './lab-state.ts';

/** The lab of this name, running or not; where no name is given, the only one there is. Throws where there is none. */
export async function openLab(name?: string): Promise<Lab> {
  const dirs = name === undefined ? await keptLabDirs() : [join(labsDir(), name)];
  if (dirs.length > 1) {
    throw new InputError(`there are several labs: ${dirs.map((dir) => basename(dir)).join(', ')}`, {
      where: '--name',
      hint: 'say which one with --name',
    });
  }
  const [dir] = dirs;
  const state = dir === undefined ? undefined : await readLabState(dir);
  if (dir === undefined || state === undefined) {
    throw new OperationError(name === undefined ? 'there is no lab' : `there is no lab ${name}`, {
      hint: 'etcdperf lab:up makes one',
    });
  }
  return new Lab(dir, state);
}

/** The inventory of the running lab that `lab:up` made; undefined where none runs. Throws InputError where several do. */
export async function currentLabInventory(): Promise<string | undefined> {
  const running: string[] = [];
  for (const dir of await keptLabDirs()) {
    if ((await findLabProcesses(dir)).switchPid !== undefined) running.push(dir);
  }
  if (running.length > 1) {
    throw new InputError(`several labs run: ${running.map((dir) => basename(dir)).join(', ')}`, {
      where: '--inventory',
      hint: `name one's inventory, such as ${join(running[0] ?? '', 'inventory.yaml')}`,
    });
  }
  const [only] = running;
  return only === undefined ? undefined : join(only, 'inventory.yaml');
}

/** The folders of labs that are meant to outlive their maker. */
async function keptLabDirs(): Promise<string[]> {
  const kept: string[] = [];
  for (const dir of await listLabDirs()) {
    const state = await readLabState(dir);
    if (state !== undefined && !state.ephemeral && state.phase === 'made') kept.push(dir);
  }
  return kept;
}
