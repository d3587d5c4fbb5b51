import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { InputError, OperationError } from '@etcdperf/core/errors';
import { BoltFile, looksLikeBolt } from './bolt-file.ts';
import { type DatabaseFacts, readDatabase } from './read-database.ts';
import { readSnapshotManifest, type SnapshotManifest } from './snapshot-manifest.ts';

/** etcd writes a SHA-256 after a database, whose size is a multiple of this. */
const BLOCK = 512;
const CHECKSUM_BYTES = 32;
const READ_BYTES = 1 << 20;

/** Whether a snapshot is what was taken. */
export type SnapshotVerdict =
  /** Its checksum is right; so is that of its manifest, where there is one. */
  | { readonly kind: 'whole' }
  /** Nothing tells: a copy of a member's own file has no checksum. */
  | { readonly kind: 'unproven'; readonly reason: string }
  | { readonly kind: 'damaged'; readonly reason: string };

export interface SnapshotFacts {
  readonly file: string;
  readonly bytes: number;
  /** Of the whole file, hex, as sha256sum prints it. */
  readonly sha256: string;
  readonly verdict: SnapshotVerdict;
  /** Undefined where the database is too damaged to be read. */
  readonly database: DatabaseFacts | undefined;
  /** Undefined where there is none, or where it is of another file. */
  readonly manifest: SnapshotManifest | undefined;
}

/** Whether a file's first bytes (32 at least) are those of a snapshot, or of a member's own database. */
export function looksLikeSnapshot(head: Buffer): boolean {
  return looksLikeBolt(head);
}

/**
 * Reads all of a snapshot: is it whole, and what does it hold? Rejects with InputError for a file that is none or can't be
 * read, and with the signal's reason.
 */
export async function verifySnapshot(file: string, signal?: AbortSignal): Promise<SnapshotFacts> {
  const handle = await open(file, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(`the file can't be read: ${cause.code ?? cause.message}`, { where: file, cause });
  });
  try {
    return await verify(handle, file, signal);
  } finally {
    await handle.close();
  }
}

async function verify(handle: FileHandle, file: string, signal: AbortSignal | undefined): Promise<SnapshotFacts> {
  const stats = await handle.stat();
  const bytes = stats.size;
  const head = Buffer.alloc(64);
  if (stats.isFile()) await handle.read(head, 0, head.length, 0);
  if (!looksLikeSnapshot(head)) throw new InputError('this is not a snapshot of etcd', { where: file });
  const hasChecksum = bytes % BLOCK === CHECKSUM_BYTES;
  const databaseBytes = hasChecksum ? bytes - CHECKSUM_BYTES : bytes;
  const sums = await checksums(handle, databaseBytes, signal);
  const manifest = await readSnapshotManifest(file);

  let database: DatabaseFacts | undefined;
  let damage: string | undefined;
  try {
    database = await readDatabase(new BoltFile(handle.fd, file, databaseBytes));
    if (database === undefined) throw new InputError('a database, but not one of etcd', { where: file });
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    damage = error.message;
  }
  if (bytes % BLOCK !== 0 && !hasChecksum)
    damage ??= 'it is cut short, or something was added: no snapshot has this size';
  if (hasChecksum && sums.trailing !== sums.database)
    damage = 'its checksum is wrong: it was damaged or changed after it was taken';
  // Whoever changes a snapshot can write a new checksum; the manifest tells.
  const isOfAnother = manifest !== undefined && manifest.file.sha256 !== sums.file;
  if (isOfAnother)
    damage ??= "it isn't the file that its manifest is of: it was changed after it was taken, or is another";
  const verdict: SnapshotVerdict =
    damage !== undefined
      ? { kind: 'damaged', reason: damage }
      : hasChecksum || manifest !== undefined
        ? { kind: 'whole' }
        : { kind: 'unproven', reason: 'it has no checksum, like a file copied out of a data directory' };
  return { file, bytes, sha256: sums.file, verdict, database, manifest: isOfAnother ? undefined : manifest };
}

interface Checksums {
  readonly database: string;
  readonly file: string;
  /** What the file ends with; empty where it has no checksum. */
  readonly trailing: string;
}

async function checksums(handle: FileHandle, databaseBytes: number, signal?: AbortSignal): Promise<Checksums> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let position = 0;
  while (position < databaseBytes) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, Math.min(READ_BYTES, databaseBytes - position), position);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  const database = hash.copy().digest('hex');
  const { bytesRead } = await handle.read(buffer, 0, CHECKSUM_BYTES, databaseBytes);
  const trailing = buffer.subarray(0, bytesRead);
  return { database, trailing: trailing.toString('hex'), file: hash.update(trailing).digest('hex') };
}
