import { InputError } from '@etcdperf/core/errors';
import type { DatabaseFacts } from '../snapshot/read-database.ts';
import type { SnapshotFacts } from '../snapshot/verify-snapshot.ts';

/** Throws InputError for what no cluster of that version should be made of. */
export function requireUsable(facts: SnapshotFacts, version: string, skipHashCheck: boolean): DatabaseFacts {
  const { verdict, database, file } = facts;
  if (verdict.kind === 'damaged' || database === undefined)
    throw new InputError(`the snapshot is damaged: ${'reason' in verdict ? verdict.reason : 'it has no database'}`, {
      where: file,
      hint: 'nothing was touched; take another snapshot',
    });
  if (verdict.kind === 'unproven' && !skipHashCheck)
    throw new InputError(`nothing tells whether the file is whole: ${verdict.reason}`, {
      where: file,
      hint: 'where it is known to be good: --skip-hash-check',
    });
  if (isOlder(version, database.series))
    throw new InputError(`the snapshot is of etcd ${database.series}, the cluster's version is ${version}`, {
      where: file,
      hint: 'an older etcd need not understand what a newer one wrote: restore it into a cluster of that version',
    });
  return database;
}

function isOlder(version: string, series: string | undefined): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = (series ?? '0.0').split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
