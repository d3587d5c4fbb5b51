import * as Flags from '@oclif/core/flags';
import type { Inventory } from '../config/index.ts';
import type { Run } from '../runs/index.ts';

export const runsDirFlag = {
  'runs-dir': Flags.string({
    description: 'where the run folder goes; else what the inventory says, else ./runs',
    helpValue: 'DIR',
  }),
};

type RunsDirValues = { readonly 'runs-dir'?: string | undefined };

/** Makes a command's run folder. What it is asked to do goes into the manifest, flags that may hold secrets don't. */
export async function startRun(
  command: string,
  version: string,
  flags: Readonly<Record<string, unknown>> & RunsDirValues,
  inventory: Inventory | undefined,
): Promise<Run> {
  const { json: _json, 'password-file': _passwordFile, ...config } = flags;
  const { createRun } = await import('../runs/index.ts');
  return createRun({ runsDir: await chooseRunsDir(flags, inventory), command, version, inventory, config });
}

/** Where run folders are: what the flag says, else the inventory, else ./runs. */
export async function chooseRunsDir(flags: RunsDirValues, inventory: Inventory | undefined): Promise<string> {
  // Loaded on demand: --help must not pay for it.
  return flags['runs-dir'] ?? inventory?.runsDir ?? (await import('../config/index.ts')).defaultRunsDir();
}
