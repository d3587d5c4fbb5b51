import { resolve } from 'node:path';
import { findInventory } from '@etcdperf/core/cli';
import { defaultRunsDir } from '@etcdperf/core/config';

/** Where the run folders are: the flag's directory, else the inventory's, else `./runs`. */
export async function chooseRunsDir(flags: {
  readonly 'runs-dir'?: string | undefined;
  readonly inventory?: string | undefined;
}): Promise<string> {
  if (flags['runs-dir'] !== undefined) return resolve(flags['runs-dir']);
  return (await findInventory(flags))?.runsDir ?? defaultRunsDir();
}
