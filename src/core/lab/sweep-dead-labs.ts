import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { findLabProcesses } from './lab-processes.ts';
import { listLabDirs, readLabState } from './lab-state.ts';
import { isSameProcess } from './process-identity.ts';
import { removeLab } from './remove-lab.ts';

/** A lab that is just being claimed has no state yet for a moment. */
const CLAIMING_MS = 10_000;

/**
 * Removes what is left of labs whose processes are gone although nobody took them down: their maker died, or the
 * machine was restarted. Their names.
 */
export async function sweepDeadLabs(): Promise<string[]> {
  const swept: string[] = [];
  for (const dir of await listLabDirs()) {
    const { switchPid, marked } = await findLabProcesses(dir);
    if (switchPid !== undefined || marked.length > 0) continue;
    const state = await readLabState(dir);
    if (state === undefined && (await ageMs(dir)) < CLAIMING_MS) continue;
    if (state?.phase === 'making' && (await isSameProcess(state.maker))) continue;
    if (await removeLab(dir)) swept.push(basename(dir));
  }
  return swept;
}

async function ageMs(dir: string): Promise<number> {
  const stats = await stat(dir).catch(() => undefined);
  return stats === undefined ? 0 : Date.now() - stats.mtimeMs;
}
