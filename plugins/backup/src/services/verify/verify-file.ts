import { InputError } from '@etcdperf/core/errors';
import { readContent } from '../../formats/read-content.ts';
import { recogniseContent } from '../../formats/recognise-content.ts';
import type { SnapshotFacts } from '../snapshot/verify-snapshot.ts';
import type { DumpVerification } from './dump-verification.ts';
import { type VerifyDumpOptions, verifyDump } from './verify-dump.ts';

/** What a file is and holds, and whether it is whole. */
export type FileVerification =
  | ({ readonly kind: 'dump' } & DumpVerification)
  | ({ readonly kind: 'snapshot' } & SnapshotFacts);

/**
 * Verifies a dump or a snapshot: its content tells which it is, not its name. Throws InputError for anything else, and
 * OperationError where it can't be read.
 */
export async function verifyFile(path: string, options: VerifyDumpOptions): Promise<FileVerification> {
  if (path !== '-' && (await isSnapshot(path, options.signal))) {
    const { verifySnapshot } = await import('../snapshot/verify-snapshot.ts');
    return { kind: 'snapshot', ...(await verifySnapshot(path, options.signal)) };
  }
  return { kind: 'dump', ...(await verifyDump(path, options)) };
}

async function isSnapshot(path: string, signal: AbortSignal): Promise<boolean> {
  const { head, compression, chunks } = await readContent(path, { isHashed: false, signal });
  await chunks.return?.();
  if (recogniseContent(head).kind !== 'snapshot') return false;
  if (compression === 'none') return true;
  throw new InputError('this is a compressed snapshot', {
    where: path,
    hint: 'verify what it holds: uncompress it first',
  });
}
