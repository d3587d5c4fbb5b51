import { readFile } from 'node:fs/promises';
import { OperationError } from '@etcdperf/core/errors';
import { manifestPath } from '../../formats/dump-manifest.ts';

/** What lies beside a snapshot as `<file>.manifest.json`: where it is from, and what a restored cluster must be equal to. */
export interface SnapshotManifest {
  readonly kind: 'etcd snapshot';
  readonly format: 1;
  /** The file as it lies there: bytes, and their SHA-256 in hex, as sha256sum prints it. */
  readonly file: { readonly bytes: number; readonly sha256: string };
  readonly revision: number;
  readonly compactRevision: number;
  /** HashKV at that revision; undefined where the member didn't tell it. */
  readonly hashKv: number | undefined;
  /** Keys that there were at that revision; undefined where the member didn't tell. */
  readonly keys: number | undefined;
  /** Hex, as etcd writes them. */
  readonly clusterId: string;
  readonly member: { readonly name: string; readonly id: string; readonly endpoint: string };
  /** The member's. */
  readonly etcdVersion: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
}

export { manifestPath };

/** Undefined where there is none, or one of something else. Throws OperationError for one that can't be read. */
export async function readSnapshotManifest(snapshot: string): Promise<SnapshotManifest | undefined> {
  const path = manifestPath(snapshot);
  try {
    const found = JSON.parse(await readFile(path, 'utf8')) as Partial<SnapshotManifest> | null;
    if (found?.kind !== 'etcd snapshot') return undefined;
    if (found.format === 1 && typeof found.file?.sha256 === 'string' && Number.isSafeInteger(found.revision))
      return found as SnapshotManifest;
    throw new OperationError('not a manifest that this version of etcdperf understands', { where: path, hint: HINT });
  } catch (cause) {
    if (cause instanceof OperationError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new OperationError(`the manifest can't be read: ${(cause as Error).message}`, {
      where: path,
      hint: HINT,
      cause,
    });
  }
}

const HINT = 'a snapshot can be used without its manifest: move the manifest away';
