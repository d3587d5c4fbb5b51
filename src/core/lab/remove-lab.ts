import { access, rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OperationError } from '../errors/index.ts';
import { removeCgroups } from './kubernetes/cgroups.ts';
import { enterNetwork, findLabProcesses, killPid } from './lab-processes.ts';
import { removeLink } from './remove-link.ts';
import { runTool } from './run-tool.ts';
import { until } from './until.ts';

/**
 * Takes a lab down, whatever state it is in: its processes (and with them namespaces, mounts, links), then its folder.
 * Whether there was anything to take down.
 */
export async function removeLab(dir: string): Promise<boolean> {
  const found = await findLabProcesses(dir);
  // The link goes first and at once, also where the lab's folder is gone.
  if (found.switchPid !== undefined) await runTool([...enterNetwork(found.switchPid), 'ip', 'link', 'del', 'up0']);
  let running: readonly number[] = found.marked;
  const gone = await until(async () => {
    for (const pid of running) killPid(pid);
    running = (await findLabProcesses(dir)).marked;
    return running.length === 0;
  }, 20_000);
  if (!gone) throw new OperationError(`processes that did not end: ${running.join(', ')}`, { where: dir });
  await removeLink(dir);
  await removeCgroups(dir);
  const existed = await access(dir).then(
    () => true,
    () => false,
  );
  await rm(dir, { recursive: true, force: true, maxRetries: 3 }).catch((cause: Error) => {
    throw new OperationError(`could not remove the lab's folder: ${cause.message}`, { where: dir, cause });
  });
  await rmdir(dirname(dir)).catch(() => {}); // the folder of all labs, where this was the last
  return existed || found.marked.length > 0;
}
