import type { Contents } from '../contents/contents.ts';
import type { KeyRecord } from '../contents/key-record.ts';
import type { Compression } from './compression.ts';
import { DamagedDumpError } from './damaged-dump-error.ts';
import type { DumpLayout } from './dump-layout.ts';
import type { DumpManifest } from './dump-manifest.ts';
import type { ContentReading } from './read-content.ts';
import type { RowsReader } from './rows-reader.ts';

/** A dump: what is known of it before it is read, and what it holds. */
export interface DumpFile extends Contents {
  /** What rows say of keys. Of JSON lines without a manifest: as far as the first row tells. */
  readonly layout: DumpLayout;
  readonly compression: Compression;
  /** Undefined: none lies beside it. */
  readonly manifest: DumpManifest | undefined;
}

/** More than any key and value that etcd takes: a quote that is never closed must not fill the memory. */
const MAX_ROW_BYTES = 128 * 2 ** 20;

/** The rows of a content, batch by batch. Throws DamagedDumpError where it isn't whole. */
export async function* readRows(
  reading: ContentReading,
  reader: RowsReader,
  name: string,
  maxRowBytes = MAX_ROW_BYTES,
): AsyncGenerator<readonly KeyRecord[]> {
  let rest: Buffer = Buffer.alloc(0);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  try {
    for await (const chunk of reading.chunks) {
      waiting.push(chunk);
      waitingBytes += chunk.length;
      // A row that is longer than what is there is looked at again only when there is twice as much.
      if (waitingBytes < rest.length) continue;
      const bytes = rest.length === 0 && waiting.length === 1 ? chunk : Buffer.concat([rest, ...waiting]);
      waiting = [];
      waitingBytes = 0;
      const { records, used } = reader.read(bytes, false);
      rest = bytes.subarray(used);
      if (records.length > 0) yield records;
      if (rest.length > maxRowBytes) throw endless(reader.rows, name);
    }
  } catch (error) {
    if (error instanceof DamagedDumpError) throw error;
    const { records } = reader.read(Buffer.concat([rest, ...waiting]), false);
    if (records.length > 0) yield records;
    throw damageOf(error, reader.rows, name);
  }
  const { records } = reader.read(Buffer.concat([rest, ...waiting]), true);
  if (records.length > 0) yield records;
}

function endless(rows: number, name: string): DamagedDumpError {
  return new DamagedDumpError(`row ${rows + 1} does not end: it is longer than any can be`, {
    kind: 'bad-row',
    rows,
    where: `${name}, after row ${rows}`,
  });
}

/** What zlib says, in our words. */
function damageOf(error: unknown, rows: number, name: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined || !/^(Z_|ZSTD_)/.test(code)) return error;
  const isCut = code === 'Z_BUF_ERROR';
  return new DamagedDumpError(
    isCut
      ? `its compressed data end after row ${rows}`
      : `its compressed data are damaged: ${(error as Error).message}`,
    { kind: isCut ? 'cut-short' : 'bad-row', rows, where: `${name}, after row ${rows}`, cause: error },
  );
}
