import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { hasUserPlugins } from './user-plugins.ts';

const WIDTH = 80;

/**
 * A command's help as the build has rendered it (`dist/help/<id>.txt`), or undefined where it must be rendered anew:
 * on a narrow terminal, or with plugins that the user has added, which may replace commands.
 * Loading the command framework for it would take three times as long as all the rest.
 */
export function preparedHelp(argv: readonly string[], folders: readonly string[]): string | undefined {
  const [id = '', flag] = argv;
  if (argv.length !== 2 || flag !== '--help' || !/^[a-z][a-z:-]*$/.test(id)) return undefined;
  if ((process.stdout.columns ?? WIDTH) < WIDTH || hasUserPlugins()) return undefined;
  const file = folders.map((folder) => join(folder, 'dist/help', `${id.replaceAll(':', '.')}.txt`)).find(existsSync);
  if (file === undefined) return undefined;
  const text = readFileSync(file, 'utf8');
  return process.stdout.isTTY && process.env.NO_COLOR === undefined ? text : stripVTControlCharacters(text);
}
