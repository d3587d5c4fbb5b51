import { InputError } from '@etcdperf/core/errors';
import { findRun, Run } from '@etcdperf/core/runs';
import { type JournalState, type LoadIdentity, readJournal } from './load-journal.ts';

/** A load that an earlier process didn't bring to its end. */
export interface ResumedLoad {
  readonly state: JournalState;
  readonly runId: string;
  /** What this process's samples are called in the run folder. */
  readonly samplesName: string;
  /** From now on the run is this process's. */
  takeUp(): Run;
}

/** By the run's id, a part of it, or its folder. Throws InputError where there is nothing to resume. */
export async function findLoad(runsDir: string, name: string, command: string): Promise<ResumedLoad> {
  const folder = await findRun(runsDir, name);
  const { manifest, dir } = folder;
  if (manifest.command !== command)
    throw new InputError(`the run is of ${manifest.command}, not of ${command}`, { where: dir });
  if (manifest.status === 'done')
    throw new InputError('the load came to its end: there is nothing to resume', { where: dir });
  const state = await readJournal(folder);
  const files = await folder.files();
  const earlier = files.filter(({ name: file }) => /^resumed-\d+-samples\.jsonl$/.test(file)).length;
  return {
    state,
    runId: manifest.id,
    samplesName: `resumed-${earlier + 1}`,
    takeUp: () => {
      const { finishedAt: _finishedAt, ...begun } = manifest;
      return Run.start(dir, { ...begun, status: 'running' });
    },
  };
}

/** Throws InputError where the file or the cluster is not the one that the load began with. */
export function requireSame({ state }: ResumedLoad, { sha256, clusterId }: Omit<LoadIdentity, 'task'>): void {
  if (sha256 !== state.sha256)
    throw new InputError('the file is not the one that the load began with', { where: state.task.file });
  if (clusterId !== state.clusterId)
    throw new InputError(
      `the load went into another cluster: its id is ${state.clusterId}, that of this one ${clusterId}`,
      { hint: 'name the cluster with --cluster or --endpoints' },
    );
}
