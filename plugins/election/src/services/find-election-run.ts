import { InputError } from '@etcdperf/core/errors';
import { findRun, latestRun, type RunFolder } from '@etcdperf/core/runs';

/** The commands whose run folders hold agents' events, the best first. */
const commands = ['election:failover', 'election:agents'];

/**
 * The run that a user names, or the newest one with agents' events: of a failover, else of agents that were started.
 * Throws InputError where there is none.
 */
export async function findElectionRun(runsDir: string, name: string | undefined): Promise<RunFolder> {
  if (name !== undefined) return findRun(runsDir, name);
  for (const command of commands) {
    const run = await latestRun(runsDir, command);
    if (run !== undefined) return run;
  }
  throw new InputError('there is no run of an election yet', {
    where: runsDir,
    hint: 'make one with etcdperf election:failover, or name its folder with --run',
  });
}
