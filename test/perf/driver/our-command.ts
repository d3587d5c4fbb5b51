import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

/** The built program as users run it, under this node, with its report on stdout. */
export function ourCommand(args: readonly string[], folder: string): string[] {
  return [process.execPath, bin, ...args, '--json', '--runs-dir', join(folder, 'runs')];
}
