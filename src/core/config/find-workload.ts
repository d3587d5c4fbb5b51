import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { didYouMean, InputError } from '../errors/index.ts';
import { displayPath } from './display-path.ts';

/**
 * The file that is meant: the one of that path, or a preset of that name. Throws InputError where a bare name is neither,
 * or a path leads to nothing and ends like a preset; else that is left to who reads the file.
 *
 * @param presets their folder
 */
export function findWorkload(asked: string, presets: string | undefined): string {
  const file = resolve(asked);
  if (presets === undefined || existsSync(file)) return file;
  const names = readdirSync(presets).flatMap((name) => (name.endsWith('.yaml') ? [basename(name, '.yaml')] : []));
  const name = basename(asked, '.yaml');
  if (asked !== name) {
    if (!names.includes(name)) return file;
    throw new InputError('no such workload', {
      where: displayPath(file),
      hint: `the one that comes with etcdperf goes by its name: ${name}`,
    });
  }
  if (names.includes(name)) return join(presets, `${name}.yaml`);
  throw new InputError(`there is no workload '${asked}'`, {
    hint: didYouMean(asked, names) ?? `a file, or one of ${names.join(', ')}`,
  });
}
