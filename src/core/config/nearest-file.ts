import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearestName } from '../errors/index.ts';
import { displayPath } from './display-path.ts';

/** For a file that isn't there: the one beside it that was probably meant, as a hint. */
export function nearestFile(path: string): string | undefined {
  try {
    const nearest = nearestName(basename(path), readdirSync(dirname(path)));
    return nearest === undefined ? undefined : `did you mean ${displayPath(join(dirname(path), nearest))}?`;
  } catch {
    return `there is no directory ${displayPath(dirname(path))}`;
  }
}
