import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OperationError } from '@etcdperf/core/errors';
import type { Compression } from './compression.ts';
import type { DumpLayout } from './dump-layout.ts';

/** Whether a dump holds all that was asked for. */
export type DumpCompleteness =
  | { readonly complete: true }
  | {
      readonly complete: false;
      /** A sentence: `revision 1200 was compacted at 1350`. */
      readonly reason: string;
    };

/** What a dump is of: the one who dumps knows. */
export type DumpFacts = DumpCompleteness & {
  readonly revision: number;
  /** Hex, as etcd writes it. */
  readonly clusterId: string;
  readonly prefixes: readonly Buffer[];
  /** As they were given. */
  readonly filters: readonly string[];
  /** Only keys changed after it are in. */
  readonly sinceRevision?: number | undefined;
  readonly keys: number;
  /** ISO 8601. */
  readonly startedAt: string;
};

/** What lies beside a dump as `<file>.manifest.json`: tells whether the file is whole, and what it is of. */
export type DumpManifest = DumpFacts & {
  readonly layout: DumpLayout;
  readonly compression: Compression;
  /** Of the content, uncompressed. */
  readonly bytes: number;
  /** The file as it lies there: bytes, and their SHA-256 in hex, as sha256sum prints it. */
  readonly file: { readonly bytes: number; readonly sha256: string };
  /** ISO 8601. */
  readonly endedAt: string;
};

export function manifestPath(dump: string): string {
  return `${dump}.manifest.json`;
}

/** What lies where a dump's manifest would. */
export type FoundManifest =
  | { readonly status: 'none' }
  | { readonly status: 'found'; readonly manifest: DumpManifest }
  /** It isn't what was written. */
  | { readonly status: 'changed' };

/** Looks for the manifest beside a dump. Throws OperationError where it can't be read. */
export async function findManifest(dump: string): Promise<FoundManifest> {
  const where = manifestPath(dump);
  try {
    const manifest = parseManifest(await readFile(where));
    return manifest === undefined ? { status: 'changed' } : { status: 'found', manifest };
  } catch (error) {
    // What is no file has no manifest beside it.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { status: 'none' };
    throw new OperationError(`the dump's manifest can't be read: ${message}`, { where, cause: error });
  }
}

/** The file's text. Its last field is the SHA-256 of the others, so that a change of it shows, too. */
export function renderManifest(manifest: DumpManifest): string {
  const { prefixes, ...rest } = manifest;
  const body = {
    dump: VERSION,
    ...rest,
    prefixes: prefixes.map((prefix) => ({ text: prefix.toString(), base64: prefix.toString('base64') })),
  };
  const checksum = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  return `${JSON.stringify({ ...body, checksum }, null, 2)}\n`;
}

/** Undefined: not exactly what `renderManifest` writes. */
export function parseManifest(bytes: Buffer): DumpManifest | undefined {
  try {
    const { dump, checksum, prefixes, ...rest } = JSON.parse(bytes.toString());
    if (dump !== VERSION) return undefined;
    const decode = ({ base64 }: { readonly base64: string }) => Buffer.from(base64, 'base64');
    const manifest = { ...rest, prefixes: prefixes.map(decode) };
    return Buffer.from(renderManifest(manifest)).equals(bytes) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Of the form of dumps and manifests. */
const VERSION = 1;
