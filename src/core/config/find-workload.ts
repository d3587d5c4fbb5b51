import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { didYouMean, InputError } from '../errors/index.ts';

/**
 * The file that is meant: the one of that path, or a preset of that name. Throws InputError where a bare name is neither;
 * that a path leads to nothing is left to who reads it.
 *
 * @param presets their folder
 */
export function findWorkload(asked: string, presets: string | undefined): string {
  const file = resolve(asked);
  if (!/^[\w-]+$/.test(asked) || presets === undefined || existsSync(file)) return file;
  const names = readdirSync(presets).flatMap((name) => (name.endsWith('.yaml') ? [basename(name, '.yaml')] : []));
  if (names.includes(asked)) return join(presets, `${asked}.yaml`);
  throw new InputError(`there is no workload '${asked}'`, {
    hint: didYouMean(asked, names) ?? `a file, or one of ${names.join(', ')}`,
  });
}
