import { InputError, OperationError } from '@etcdperf/core/errors';
import type { KeyRecord } from '../contents/key-record.ts';
import { CsvReader } from './csv-reader.ts';
import { DamagedDumpError } from './damaged-dump-error.ts';
import { type DumpFile, readRows } from './dump-file.ts';
import type { DumpLayout } from './dump-layout.ts';
import { type DumpManifest, type FoundManifest, findManifest, manifestPath } from './dump-manifest.ts';
import { JsonLinesReader } from './json-lines-reader.ts';
import { type ContentReading, readContent } from './read-content.ts';
import { recogniseContent } from './recognise-content.ts';
import type { RowsReader } from './rows-reader.ts';

export interface OpenDumpOptions {
  /** False: someone has compared the file with its manifest a moment ago; its length and rows are counted all the same. */
  readonly isHashed?: boolean;
}

/**
 * Opens a dump, or one that comes on standard input (`-`), which can be read once only. Where a manifest lies beside it,
 * reading it to its end checks the file against that: DamagedDumpError. Throws InputError with what it looks like where
 * it is no dump, and where its manifest was changed.
 */
export async function openDumpFile(
  path: string,
  signal: AbortSignal,
  { isHashed = true }: OpenDumpOptions = {},
): Promise<DumpFile> {
  const name = path === '-' ? 'standard input' : path;
  const found: FoundManifest = path === '-' ? { status: 'none' } : await findManifest(path);
  const read = () => readContent(path, { isHashed: isHashed && found.status === 'found', signal });
  let opened: ContentReading | undefined = await read();
  const { compression } = opened;
  const close = async () => {
    const reading = opened;
    opened = undefined;
    await reading?.chunks.return?.();
  };
  let layout: DumpLayout;
  try {
    layout = layoutOfDump(opened, found, name);
    if (found.status === 'changed')
      throw new InputError('the manifest of this dump is not what was written with it', {
        where: manifestPath(path),
        hint: 'move it away, and the dump is one without a manifest',
      });
  } catch (error) {
    await close();
    throw error;
  }
  if (path !== '-') await close();

  const manifest = found.status === 'found' ? found.manifest : undefined;
  return {
    origin: {
      name,
      revision: manifest?.revision,
      clusterId: manifest?.clusterId,
      prefixes: manifest?.prefixes ?? [],
    },
    layout,
    compression,
    manifest,
    async *batches(): AsyncGenerator<readonly KeyRecord[]> {
      if (path === '-' && opened === undefined) throw new OperationError('standard input can be read once only');
      const reading = opened ?? (await read());
      opened = undefined;
      const reader = createRowsReader(layout, name);
      try {
        yield* readRows(reading, reader, name);
      } finally {
        await reading.chunks.return?.();
      }
      if (manifest !== undefined) checkAgainst(manifest, reading, reader.rows, name);
    },
    [Symbol.asyncDispose]: close,
  };
}

export function createRowsReader(layout: DumpLayout, name: string): RowsReader {
  return layout.format === 'csv' ? new CsvReader(layout, name) : new JsonLinesReader(name);
}

/** What a dump's rows say, by the beginning of its content. Throws InputError where it is none. */
export function layoutOfDump({ head, failure }: ContentReading, found: FoundManifest, name: string): DumpLayout {
  const content = recogniseContent(head);
  const written = found.status === 'found' ? found.manifest.layout : undefined;
  const isLines = written?.format === 'jsonl';
  // Lines don't say what other lines have.
  if (content.kind === 'dump') return isLines && content.layout.format === 'jsonl' ? written : content.layout;
  if (failure !== undefined) {
    // What is known of it says how it is to be read, as far as it can be.
    if (written !== undefined) return written;
    throw new InputError('its compressed data are damaged at their very beginning', { where: name, cause: failure });
  }
  // Without a header nothing tells JSON lines without any key from an empty file.
  if (head.length === 0 && isLines) return written;
  const looksLike = content.kind === 'snapshot' ? 'it is a snapshot of an etcd member' : content.looksLike;
  throw new InputError(`this is no dump: ${looksLike}`, { where: name });
}

function checkAgainst(manifest: DumpManifest, reading: ContentReading, rows: number, name: string): void {
  const { bytes, sha256 } = reading.file();
  const isSame = sha256 === undefined || sha256 === manifest.file.sha256;
  if (bytes === manifest.file.bytes && isSame && rows === manifest.keys) return;
  const isShort = bytes < manifest.file.bytes;
  throw new DamagedDumpError(
    isShort
      ? `it is cut short: it ends after row ${rows} of ${manifest.keys}`
      : 'its contents are not those that its manifest tells of',
    { kind: isShort ? 'cut-short' : 'differs', rows, where: name },
  );
}
