import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { abortReason, InputError } from '@etcdperf/core/errors';
import type { Contents } from '../../contents/contents.ts';
import { DamagedDumpError } from '../../formats/damaged-dump-error.ts';
import type { DumpFile } from '../../formats/dump-file.ts';
import { type FoundManifest, findManifest } from '../../formats/dump-manifest.ts';
import { openDumpFile } from '../../formats/open-dump-file.ts';
import type { LeasePolicy, LoadTask } from './load-settings.ts';

const STDIN = '-';

/** A dump that may be loaded. */
export interface DumpSource {
  readonly name: string;
  /** Of the file as it lies there, in hex; empty for standard input. */
  readonly sha256: string;
  /** Undefined: nobody knows. */
  readonly keys: number | undefined;
  /** Bytes of its content; undefined: nobody knows. */
  readonly bytes: number | undefined;
  /** What was dumped; an empty one is everything. */
  readonly prefixes: readonly Buffer[];
  /** Its keys from the first on; standard input only once. */
  open(signal: AbortSignal): Promise<Contents>;
}

/**
 * Reads the file once to see whether it is whole, before anything is touched. Throws InputError for what is no dump, is cut
 * short or isn't what was written, has no values, or nothing of the time that leases had left where they are to be
 * renewed; and, unless unverified ones are taken, where nobody can tell.
 */
export async function openDumpSource(task: LoadTask, signal: AbortSignal): Promise<DumpSource> {
  const { file, leases, isUnverified } = task;
  const hashed = file === STDIN ? undefined : await hashFile(file, signal);
  if (hashed !== undefined) requireUnchanged(file, hashed, await findManifest(file));
  const dump = await openDumpFile(file, signal, { isHashed: false });
  const { manifest, origin } = dump;
  try {
    requireColumns(dump, leases);
    if (manifest === undefined && !isUnverified) throw unverified(file, origin.name);
    if (manifest?.complete === false && !isUnverified)
      throw new InputError(`the dump is not complete: ${manifest.reason}`, {
        where: origin.name,
        hint: '--unverified puts what it holds',
      });
    const keys = manifest?.keys ?? (file === STDIN ? undefined : await countRows(dump, signal));
    const { prefixes } = origin;
    let first: DumpFile | undefined = dump;
    return {
      name: origin.name,
      sha256: hashed?.sha256 ?? '',
      keys,
      bytes: manifest?.bytes,
      prefixes: prefixes.length === 0 ? [Buffer.alloc(0)] : prefixes,
      open: async (until) => {
        const opened = first ?? (await openDumpFile(file, until, { isHashed: false }));
        first = undefined;
        return opened;
      },
    };
  } catch (error) {
    await dump[Symbol.asyncDispose]();
    throw error;
  }
}

function requireColumns({ layout, origin }: DumpFile, leases: LeasePolicy): void {
  const where = origin.name;
  const { columns, format } = layout;
  // Of JSON lines without a manifest only the rows tell.
  if (format === 'jsonl' && columns.length === 1) return;
  if (!columns.includes('value'))
    throw new InputError('the dump was made without values: there is nothing to put', { where });
  if (leases === 'renew' && columns.includes('lease') && !columns.includes('ttl_left'))
    throw new InputError('the dump does not say how long its leases had left', {
      where,
      hint: '--leases drop puts the keys without them',
    });
}

function unverified(file: string, where: string): InputError {
  const message =
    file === STDIN
      ? 'what comes on standard input can’t be verified before it is put'
      : 'there is no manifest beside the dump: nobody can tell whether it is whole';
  return new InputError(message, { where, hint: '--unverified takes it all the same' });
}

interface HashedFile {
  readonly bytes: number;
  readonly sha256: string;
}

function requireUnchanged(file: string, { bytes, sha256 }: HashedFile, found: FoundManifest): void {
  if (found.status !== 'found') return;
  const { manifest } = found;
  if (bytes === manifest.file.bytes && sha256 === manifest.file.sha256) return;
  const message =
    bytes < manifest.file.bytes
      ? `the dump is cut short: it has ${bytes} of ${manifest.file.bytes} bytes`
      : 'the dump’s contents are not those that its manifest tells of';
  throw new InputError(message, { where: file, hint: 'etcdperf backup:verify says more' });
}

/** Undefined where it can't be read: who opens it says why. */
async function hashFile(file: string, signal: AbortSignal): Promise<HashedFile | undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      if (signal.aborted) throw abortReason(signal);
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Without a manifest, a whole row at the end is all that can be asked for. */
async function countRows(dump: DumpFile, signal: AbortSignal): Promise<number> {
  let keys = 0;
  try {
    for await (const records of dump.batches()) {
      if (signal.aborted) throw abortReason(signal);
      keys += records.length;
      if (records.some(({ value }) => value === undefined))
        throw new InputError('the dump was made without values: there is nothing to put', { where: dump.origin.name });
    }
  } catch (error) {
    if (!(error instanceof DamagedDumpError)) throw error;
    throw new InputError(error.message, { where: error.where, hint: error.hint, cause: error });
  }
  return keys;
}
