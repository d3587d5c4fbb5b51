import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { InputError } from '../errors/index.ts';
import { setYamlValue } from './set-yaml-value.ts';

/** Whether the file had to be changed. It is replaced at once: whoever reads it sees the old or the new one. */
export async function writeYamlValue(file: string, path: readonly string[], value: unknown): Promise<boolean> {
  try {
    // A link stays a link.
    const target = await realpath(file);
    const text = await readFile(target, 'utf8');
    const changed = setYamlValue(text, path, value);
    if (changed === undefined)
      throw new InputError(`can't set ${path.join('.')} there`, { where: file, hint: 'write it by hand' });
    if (changed === text) return false;
    const made = `${target}.${process.pid}.new`;
    try {
      await writeFile(made, changed, { mode: (await stat(target)).mode & 0o777 });
      await rename(made, target);
    } finally {
      await rm(made, { force: true });
    }
    return true;
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new InputError(`can't write ${file}: ${code}`, { where: path.join('.'), cause });
  }
}
