import { isDeepStrictEqual } from 'node:util';
import { DamagedDumpError } from '../../formats/damaged-dump-error.ts';
import { readRows } from '../../formats/dump-file.ts';
import { type DumpManifest, type FoundManifest, findManifest, manifestPath } from '../../formats/dump-manifest.ts';
import { createRowsReader, layoutOfDump } from '../../formats/open-dump-file.ts';
import { readContent } from '../../formats/read-content.ts';
import { keyText } from '../key-text.ts';
import type { DumpVerdict, DumpVerification, DumpVerificationOrigin } from './dump-verification.ts';

export interface VerifyDumpOptions {
  readonly signal: AbortSignal;
  /** Bytes of the file that were read so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Reads all of a dump (`-`: standard input): is it whole, and what does it hold? Throws InputError for what is no dump, and
 * OperationError where it can't be read.
 */
export async function verifyDump(path: string, { signal, onProgress }: VerifyDumpOptions): Promise<DumpVerification> {
  const name = path === '-' ? 'standard input' : path;
  const found: FoundManifest = path === '-' ? { status: 'none' } : await findManifest(path);
  const reading = await readContent(path, { isHashed: true, signal });
  try {
    const layout = layoutOfDump(reading, found, name);
    const reader = createRowsReader(layout, name);
    let [keys, keyBytes, valueBytes] = [0, 0, 0];
    let hasSizes = layout.columns.includes('value') || layout.columns.includes('value_size');
    let damage: DamagedDumpError | undefined;
    try {
      for await (const records of readRows(reading, reader, name)) {
        for (const { key, valueSize } of records) {
          keys += 1;
          keyBytes += key.length;
          if (valueSize === undefined) hasSizes = false;
          else valueBytes += valueSize;
        }
        onProgress?.(reading.file().bytes);
      }
    } catch (error) {
      if (!(error instanceof DamagedDumpError)) throw error;
      damage = error;
    }
    const { bytes, sha256 } = reading.file();
    const { compression } = reading;
    const verdict = judge({ damage, found, bytes, sha256, layout, compression, keys, name });
    return {
      file: name,
      verdict,
      layout,
      compression,
      bytes,
      sha256: damage === undefined ? sha256 : undefined,
      contentBytes: reading.contentBytes(),
      keys,
      keyBytes,
      valueBytes: hasSizes ? valueBytes : undefined,
      origin: found.status === 'found' ? originOf(found.manifest) : undefined,
    };
  } finally {
    await reading.chunks.return?.();
  }
}

/** What reading a dump has shown. */
interface Evidence extends Pick<DumpVerification, 'layout' | 'compression' | 'bytes' | 'sha256' | 'keys'> {
  readonly damage: DamagedDumpError | undefined;
  readonly found: FoundManifest;
  /** How messages call the file. */
  readonly name: string;
}

function judge(evidence: Evidence): DumpVerdict {
  const { damage, found, name } = evidence;
  if (damage !== undefined) {
    const of = found.status === 'found' ? ` of ${found.manifest.keys}` : '';
    const isShort = damage.kind === 'cut-short';
    const reason = isShort ? `it is cut short: ${damage.message}${of}` : damage.message;
    return { kind: 'damaged', reason, where: damage.where ?? name };
  }
  switch (found.status) {
    case 'none': {
      const reason = 'no manifest lies beside it: nothing tells whether rows are missing at its end, or were changed';
      return { kind: 'unproven', reason };
    }
    case 'changed':
      return { kind: 'damaged', reason: 'its manifest is not what was written with it', where: manifestPath(name) };
    case 'found': {
      const reason = differenceTo(found.manifest, evidence);
      if (reason !== undefined) return { kind: 'damaged', reason, where: name };
      return found.manifest.complete ? { kind: 'whole' } : { kind: 'incomplete', reason: found.manifest.reason };
    }
    default:
      return found satisfies never;
  }
}

/** Undefined: none. */
function differenceTo(
  manifest: DumpManifest,
  { bytes, sha256, layout, compression, keys }: Evidence,
): string | undefined {
  const { file } = manifest;
  if (bytes === file.bytes && sha256 === file.sha256) return undefined;
  if (compression !== manifest.compression || !isDeepStrictEqual(layout, manifest.layout))
    return 'its manifest is of another file: that one was written in another way';
  if (bytes < file.bytes && keys < manifest.keys && compression === 'none')
    return `it is cut short: it ends after row ${keys} of ${manifest.keys}`;
  if (bytes === file.bytes && keys === manifest.keys)
    return 'its checksum differs: it was changed after it was written, or its manifest is of another file';
  const differing = `${keys} keys in ${bytes} bytes where it says ${manifest.keys} in ${file.bytes}`;
  return `its manifest is of another file, or rows were added or taken away: ${differing}`;
}

function originOf({
  prefixes,
  revision,
  clusterId,
  filters,
  sinceRevision,
  startedAt,
  endedAt,
}: DumpManifest): DumpVerificationOrigin {
  return {
    revision,
    clusterId,
    prefixes: prefixes.map((prefix) => ({ text: keyText(prefix), base64: prefix.toString('base64') })),
    filters,
    sinceRevision,
    startedAt,
    endedAt,
  };
}
