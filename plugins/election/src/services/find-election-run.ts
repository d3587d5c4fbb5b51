import { InputError } from '@etcdperf/core/errors';
import { findRun, listRuns, type RunFolder } from '@etcdperf/core/runs';
import { eventsOrigin } from './event-collector.ts';

const commands = ['election:failover', 'election:agents'];

/**
 * The run that a user names, or the newest one in which agents told something: of a failover, or of agents that were
 * started. Throws InputError where there is none.
 */
export async function findElectionRun(runsDir: string, name: string | undefined): Promise<RunFolder> {
  if (name !== undefined) return findRun(runsDir, name);
  for (const run of await listRuns(runsDir)) {
    if (!commands.includes(run.manifest.command)) continue;
    // One that was refused at once has a folder, too, with nothing in it.
    if ((await run.files()).some((file) => eventsOrigin(file.name)?.process.includes('agents'))) return run;
  }
  throw new InputError('there is no run of an election yet', {
    where: runsDir,
    hint: 'make one with etcdperf election:failover, or name its folder with --run',
  });
}
