import { listRuns, type RunManifest } from '@etcdperf/core/runs';

/** One run as a line of a list. */
export interface RunListEntry extends Pick<RunManifest, 'id' | 'command' | 'status' | 'startedAt'> {
  readonly dir: string;
  readonly title?: string;
  /** Undefined where the run hasn't finished, or its process was killed. */
  readonly durationMs?: number;
}

export interface RunList {
  readonly runsDir: string;
  /** Newest first. */
  readonly runs: readonly RunListEntry[];
}

/** The runs beneath a directory, of one command where one is named. */
export async function runList(runsDir: string, command?: string): Promise<RunList> {
  const runs = (await listRuns(runsDir)).filter(
    ({ manifest }) => command === undefined || manifest.command === command,
  );
  return { runsDir, runs: runs.map(({ dir, manifest }) => entry(dir, manifest)) };
}

function entry(dir: string, { id, command, status, startedAt, finishedAt, title }: RunManifest): RunListEntry {
  return {
    id,
    command,
    status,
    startedAt,
    ...(finishedAt === undefined ? {} : { durationMs: Date.parse(finishedAt) - Date.parse(startedAt) }),
    ...(title === undefined ? {} : { title }),
    dir,
  };
}
