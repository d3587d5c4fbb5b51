import type { BoltFile } from './bolt-file.ts';

/** What an etcd database tells of itself. */
export interface DatabaseFacts {
  /** The newest that it holds. */
  readonly revision: number;
  /** What was older was compacted away; 0: nothing was. */
  readonly compactRevision: number;
  /** Versions of keys, deleted ones included; keys that have several count several times. */
  readonly versions: number;
  /** Of etcd's storage format, `3.6`; of the cluster where the storage doesn't say. Undefined: it tells neither. */
  readonly series: string | undefined;
}

/** Undefined where the database is not one of etcd's. Throws OperationError for one that is damaged. */
export async function readDatabase(file: BoltFile): Promise<DatabaseFacts | undefined> {
  const keys = file.bucket('key');
  const meta = file.bucket('meta');
  if (keys === undefined || meta === undefined) return undefined;
  const settings = file.entries(meta);
  const compactRevision = Math.max(
    mainRevision(settings.get('scheduledCompactRev')),
    mainRevision(settings.get('finishedCompactRev')),
  );
  const cluster = file.bucket('cluster');
  const version = settings.get('storageVersion') ?? (cluster && file.entries(cluster).get('clusterVersion'));
  return {
    // As etcd itself finds it when it starts: an empty key space is at revision 1, and a compaction may have taken all.
    revision: Math.max(1, compactRevision, mainRevision(file.lastKey(keys))),
    compactRevision,
    versions: await file.count(keys),
    series: /^\d+\.\d+/.exec(version?.toString('latin1') ?? '')?.[0],
  };
}

/** etcd's keys are revisions: the main one in 8 bytes, `_`, the one within its transaction. */
function mainRevision(key: Buffer | undefined): number {
  return key === undefined || key.length < 17 ? 0 : Number(key.readBigUInt64BE(0));
}
