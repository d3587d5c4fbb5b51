import { readFile } from 'node:fs/promises';
import { InputError } from '../errors/index.ts';
import type { SecretSource } from './ssh-target.ts';

/** The first line of the file, or the variable's value. Throws InputError where there is neither. */
export async function readSecret(source: SecretSource, what: string): Promise<string> {
  switch (source.kind) {
    case 'env': {
      const value = process.env[source.name];
      if (value === undefined) throw new InputError(`${what}: the variable ${source.name} is not set`);
      return value;
    }
    case 'file':
      try {
        return (await readFile(source.path, 'utf8')).split(/\r?\n/, 1)[0] ?? '';
      } catch (cause) {
        throw new InputError(`${what} cannot be read: ${(cause as Error).message}`, { where: source.path, cause });
      }
    default:
      return source satisfies never;
  }
}
