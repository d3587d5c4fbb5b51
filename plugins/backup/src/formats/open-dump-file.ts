import { InputError, OperationError } from '@etcdperf/core/errors';
import type { KeyRecord } from '../contents/key-record.ts';
import { CsvReader } from './csv-reader.ts';
import { DamagedDumpError } from './damaged-dump-error.ts';
import { type DumpFile, readRows } from './dump-file.ts';
import type { DumpLayout } from './dump-layout.ts';
import { type DumpManifest, readManifest } from './dump-manifest.ts';
import { JsonLinesReader } from './json-lines-reader.ts';
import { type ContentReading, readContent } from './read-content.ts';
import { recogniseContent } from './recognise-content.ts';
import type { RowsReader } from './rows-reader.ts';

/**
 * Opens a dump, or one that comes on standard input (`-`), which can be read once only. Where a manifest lies beside it,
 * reading it to its end checks the file against that: DamagedDumpError. Throws InputError with what it looks like where
 * it is no dump.
 */
export async function openDumpFile(path: string, signal: AbortSignal): Promise<DumpFile> {
  const name = path === '-' ? 'standard input' : path;
  const manifest = path === '-' ? undefined : await readManifest(path);
  const read = () => readContent(path, { isHashed: manifest !== undefined, signal });
  let opened: ContentReading | undefined = await read();
  const { compression, head } = opened;
  const close = async () => {
    const reading = opened;
    opened = undefined;
    await reading?.chunks.return?.();
  };
  let layout: DumpLayout;
  try {
    layout = recognise(head, manifest, name);
  } catch (error) {
    await close();
    throw error;
  }
  if (path !== '-') await close();

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

function recognise(head: Buffer, manifest: DumpManifest | undefined, name: string): DumpLayout {
  const content = recogniseContent(head);
  const isLines = manifest?.layout.format === 'jsonl';
  // Lines don't say what other lines have.
  if (content.kind === 'dump') return isLines && content.layout.format === 'jsonl' ? manifest.layout : content.layout;
  // Without a header nothing tells JSON lines without any key from an empty file.
  if (head.length === 0 && isLines) return manifest.layout;
  const looksLike = content.kind === 'snapshot' ? 'it is a snapshot of an etcd member' : content.looksLike;
  throw new InputError(`this is no dump: ${looksLike}`, { where: name });
}

function checkAgainst(manifest: DumpManifest, reading: ContentReading, rows: number, name: string): void {
  const { bytes, sha256 } = reading.file();
  if (bytes === manifest.file.bytes && sha256 === manifest.file.sha256 && rows === manifest.keys) return;
  const isShort = bytes < manifest.file.bytes;
  throw new DamagedDumpError(
    isShort
      ? `it is cut short: it ends after row ${rows} of ${manifest.keys}`
      : 'its contents are not those that its manifest tells of',
    { kind: isShort ? 'cut-short' : 'differs', rows, where: name },
  );
}
