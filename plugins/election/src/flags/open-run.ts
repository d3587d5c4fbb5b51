import { defaultRunsDir, type Inventory } from '@etcdperf/core/config';
import { createRun, type Run } from '@etcdperf/core/runs';

/** Makes a command's run folder. What it is asked to do goes into the manifest, flags that may hold secrets don't. */
export function openRun(
  command: string,
  version: string,
  flags: Readonly<Record<string, unknown>> & { readonly 'runs-dir'?: string | undefined },
  inventory: Inventory | undefined,
): Promise<Run> {
  const { json: _json, 'password-file': _passwordFile, ...config } = flags;
  return createRun({ runsDir: chooseRunsDir(flags, inventory), command, version, inventory, config });
}

/** Where run folders are: what the flag says, else the inventory, else ./runs. */
export function chooseRunsDir(
  flags: { readonly 'runs-dir'?: string | undefined },
  inventory: Inventory | undefined,
): string {
  return flags['runs-dir'] ?? inventory?.runsDir ?? defaultRunsDir();
}
