import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { InputProblem } from '../errors/index.ts';
import { pathText } from './schema-problems.ts';
import type { KeyPath, SourceMap } from './yaml-source.ts';

/** One pass over an inventory file: where relative paths start, what was read, and the list of what is wrong. */
export class Reading {
  readonly problems: InputProblem[] = [];
  readonly #source: SourceMap;
  readonly #directory: string;
  readonly #hash = createHash('sha256');

  /**
   * @param directory the inventory file's own
   * @param text what it says
   */
  constructor(source: SourceMap, directory: string, text: string) {
    this.#source = source;
    this.#directory = directory;
    this.#hash.update(text);
  }

  /** A file that belongs to the inventory, whose text becomes part of its digest. Throws what `fs` throws. */
  readText(path: string): string {
    const text = readFileSync(path, 'utf8');
    this.#hash.update(text);
    return text;
  }

  /** SHA-256, hex, of all that was read so far. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Notes a problem with the value (or the key) at a path. */
  problem(path: KeyPath, message: string, options: { hint?: string | undefined; part?: 'key' | 'value' } = {}): void {
    this.problems.push({
      where: this.#source.where(path, options.part),
      message: `${pathText(path)}: ${message}`,
      hint: options.hint,
    });
  }

  /** An absolute path: `~/` is the user's home, anything relative starts at the inventory file. */
  path(file: string): string {
    return resolve(this.#directory, file.replace(/^~(?=\/|$)/, homedir()));
  }

  /** The same for a file that must be there: notes a problem where it isn't. */
  existingFile(path: KeyPath, file: string): string {
    const absolute = this.path(file);
    if (statSync(absolute, { throwIfNoEntry: false })?.isFile() !== true) {
      this.problem(path, `no file ${absolute}`, {
        hint: /\$\w|\$\{/.test(file) ? 'environment variables are not expanded here' : undefined,
      });
    }
    return absolute;
  }
}
