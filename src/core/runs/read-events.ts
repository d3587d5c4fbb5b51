import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { OperationError } from '../errors/index.ts';

/**
 * The objects of a JSON-lines file of a run folder, one after the other, whatever the file's size. A last line that
 * its writer was killed in the middle of is left out; a damaged line elsewhere is an OperationError that names it.
 */
export async function* readEvents<Event = Record<string, unknown>>(dir: string, file: string): AsyncGenerator<Event> {
  const path = join(dir, file);
  let rest = '';
  let line = 0;
  const parse = (text: string): Event => {
    try {
      return JSON.parse(text) as Event;
    } catch (cause) {
      throw new OperationError('a damaged line', { where: `${path}:${line}`, cause });
    }
  };
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const text of lines) {
        line++;
        if (text !== '') yield parse(text);
      }
    }
  } catch (cause) {
    if (cause instanceof OperationError) throw cause;
    throw new OperationError(`can't read the events: ${(cause as Error).message}`, { where: path, cause });
  }
}
