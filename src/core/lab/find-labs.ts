import { basename, dirname, join } from 'node:path';
import { InputError, OperationError } from '../errors/index.ts';
import { Lab } from './lab.ts';
import { findLabProcesses, runningLabDirs } from './lab-processes.ts';
import { labDir, labsDir, listLabDirs, readLabState } from './lab-state.ts';
import { removeLab } from './remove-lab.ts';
import { sweepDeadLabs } from './sweep-dead-labs.ts';

/** The lab of this name, running or not; where no name is given, the only one there is. Throws where there is none. */
export async function openLab(name?: string): Promise<Lab> {
  const dirs = name === undefined ? await keptLabDirs() : [labDir(name)];
  refuseSeveral(dirs);
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

/**
 * Takes down the lab of this name, or the only one that `lab:up` made, even one that is half-made or whose folder is
 * partly gone; and sweeps what dead labs left. The names of what was taken down: none is fine.
 */
export async function downLab(name?: string): Promise<string[]> {
  const down: string[] = [];
  const dirs = name === undefined ? await abandonedOrKeptDirs() : [labDir(name)];
  if (name === undefined) refuseSeveral(dirs);
  for (const dir of dirs) if (await removeLab(dir)) down.push(basename(dir));
  down.push(...(await sweepDeadLabs()));
  return down;
}

/** All labs that are no other process's own: kept ones, and those that nobody can tell any more. */
async function abandonedOrKeptDirs(): Promise<string[]> {
  const running = (await runningLabDirs()).filter((dir) => dirname(dir) === labsDir());
  const dirs = [...new Set([...(await keptLabDirs()), ...running])];
  const states = await Promise.all(dirs.map(readLabState));
  return dirs.filter((_, index) => states[index]?.ephemeral !== true);
}

function refuseSeveral(dirs: readonly string[]): void {
  if (dirs.length < 2) return;
  throw new InputError(`there are several labs: ${dirs.map((dir) => basename(dir)).join(', ')}`, {
    where: '--name',
    hint: 'say which one with --name',
  });
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
