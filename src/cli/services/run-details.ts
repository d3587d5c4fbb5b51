import { InputError } from '@etcdperf/core/errors';
import { findRun, latestRun, type RunManifest } from '@etcdperf/core/runs';

/** All that a run folder says about itself. */
export interface RunDetails {
  readonly dir: string;
  readonly manifest: RunManifest;
  /** Null where the run came to no result. */
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** The run that `name` names (see `findRun`), or the newest. Throws InputError where there is none. */
export async function runDetails(runsDir: string, name: string | undefined): Promise<RunDetails> {
  const run = name === undefined ? await latestRun(runsDir) : await findRun(runsDir, name);
  if (run === undefined) {
    throw new InputError('there are no runs yet', { where: runsDir, hint: 'name another place with --runs-dir' });
  }
  return { dir: run.dir, manifest: run.manifest, result: (await run.result()) ?? null, files: await run.files() };
}
