import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { OperationError } from '@etcdperf/core/errors';
import { LineSplitter } from './line-splitter.ts';
import type { ReadLogOptions } from './log-source.ts';

/** A log file on this machine, also a compressed one (`.gz`). A last line without an end is read too. */
export async function readSavedLog(path: string, { signal, onLines }: ReadLogOptions): Promise<void> {
  const splitter = new LineSplitter();
  const file = createReadStream(path, { signal, highWaterMark: 1 << 20 });
  const bytes = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => bytes.destroy(error));
  try {
    for await (const chunk of bytes) onLines(splitter.push(chunk as Buffer));
  } catch (cause) {
    signal?.throwIfAborted();
    if (!(cause as NodeJS.ErrnoException).code) throw cause;
    throw new OperationError(`can't read the log: ${(cause as Error).message}`, { where: path, cause });
  }
  if (splitter.isWithinLine) onLines(splitter.push(Buffer.from('\n')));
}
