import { OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess, SurveyedMember, Target } from '@etcdperf/core/etcd';
import { WireClient, WireError } from '@etcdperf/core/wire';
import { askAboutSnapshot, type MemberWord } from './ask-about-snapshot.ts';
import { chooseMembers } from './choose-members.ts';
import { receiveSnapshot, type SnapshotProgress } from './receive-snapshot.ts';
import { SnapshotFile } from './snapshot-file.ts';
import type { SnapshotManifest } from './snapshot-manifest.ts';
import { type SnapshotFacts, verifySnapshot } from './verify-snapshot.ts';

export interface SnapshotRequest {
  readonly access: ClusterAccess;
  readonly file: string;
  /** Which member. Default: one that follows, and another where that fails. */
  readonly target?: Target | undefined;
  /** A file that is there is replaced. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SnapshotProgress) => void) | undefined;
  /** Told what is being done. */
  readonly onStep?: ((text: string) => void) | undefined;
}

export interface SnapshotReport extends SnapshotManifest {
  readonly path: string;
  /** Versions of keys in it, deleted ones included. */
  readonly versions: number;
  readonly durationMs: number;
  /** What one should know about it: a member that could not say whether it is up to date, … */
  readonly notes: readonly string[];
}

/**
 * Takes a snapshot of a member into a file, reads it back and verifies it. The file gets its name only then; on any
 * failure nothing is left. Rejects with InputError where the file can't be made, OperationError that says why the members
 * could not give it, the signal's reason.
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<SnapshotReport> {
  const { access, target, file: path, signal, onStep } = request;
  const begun = performance.now();
  const startedAt = new Date().toISOString();
  await using file = await SnapshotFile.create(path, request.force ?? false);
  const members = await chooseMembers(access, target, signal);
  const failures: string[] = [];
  for (const member of members) {
    try {
      const taken = await takeFrom(member, request, file);
      const { facts, word, notes } = taken;
      const manifest = manifestOf(member, facts, word, startedAt);
      await file.finish(manifest);
      const durationMs = Math.round(performance.now() - begun);
      return { path, ...manifest, versions: facts.database!.versions, durationMs, notes: [...failures, ...notes] };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof WireError)) throw error;
      if (error.reason === 'permission-denied' || error.reason === 'unauthenticated') throw refusal(error, member);
      failures.push(`${member.name}: ${error.message}`);
      onStep?.(`${member.name} failed (${error.message})`);
      // A snapshot can't be gone on with elsewhere: each member's database is laid out in its own way.
      await file.restart();
    }
  }
  throw new OperationError(failures.join('; '), {
    where: members.map((member) => member.endpoint).join(', '),
    hint:
      target === undefined
        ? 'is there a quorum? A member without one gives its snapshot when it is named: --target MEMBER'
        : 'without --target another member is taken where one fails',
  });
}

async function takeFrom(
  member: SurveyedMember,
  request: SnapshotRequest,
  file: SnapshotFile,
): Promise<{ facts: SnapshotFacts; word: MemberWord; notes: readonly string[] }> {
  const { access, target, signal, onProgress, onStep } = request;
  onStep?.(`asking ${member.name} for a snapshot`);
  await using client = await WireClient.connect({ ...access, endpoints: [member.endpoint] }, signal);
  const current = await currentRevision(client, target?.kind === 'member', signal);
  const { connection } = client;
  if (connection === undefined)
    throw new WireError('the connection was lost', {
      outcome: 'fail',
      reason: 'connection',
      endpoint: member.endpoint,
    });
  await receiveSnapshot(connection, file.handle, file.part, { signal, ...(onProgress && { onProgress }) });
  await file.sync();
  onStep?.('reading it back');
  const facts = await verifySnapshot(file.part, signal);
  const { database, verdict } = facts;
  if (verdict.kind !== 'whole' || database === undefined)
    throw new OperationError(`what came is no whole snapshot: ${'reason' in verdict ? verdict.reason : ''}`, {
      where: member.endpoint,
      hint: 'nothing of it was kept; is there a proxy in between, or is the disk failing?',
    });
  if (current !== undefined && database.revision < current)
    throw new OperationError(`the snapshot ends at revision ${database.revision}; the cluster was at ${current}`, {
      where: member.endpoint,
    });
  const word = await askAboutSnapshot(client, database, signal);
  const behind = `${member.name} has no quorum: what the others wrote since it lost them is not in the snapshot`;
  return { facts, word, notes: [...(current === undefined ? [behind] : []), ...word.notes] };
}

/**
 * The revision that the member has reached at least, read through raft: a snapshot is all that the member has, and it
 * may lag behind. A member that was named may do without a quorum, which is when its snapshot is needed most: undefined.
 */
async function currentRevision(
  client: WireClient,
  isNamed: boolean,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  try {
    return (await client.range('\0', { countOnly: true, signal })).header.revision;
  } catch (error) {
    const noQuorum = error instanceof WireError && ['deadline', 'no-leader', 'server-timeout'].includes(error.reason);
    if (!noQuorum || !isNamed) throw error;
    return undefined;
  }
}

function manifestOf(
  { name, endpoint, status }: SurveyedMember,
  facts: SnapshotFacts,
  word: MemberWord,
  startedAt: string,
): SnapshotManifest {
  const up = status.kind === 'up' ? status : undefined;
  return {
    kind: 'etcd snapshot',
    format: 1,
    file: { bytes: facts.bytes, sha256: facts.sha256 },
    revision: facts.database!.revision,
    compactRevision: facts.database!.compactRevision,
    hashKv: word.hashKv,
    keys: word.keys,
    clusterId: up?.clusterId ?? '',
    member: { name, id: up?.memberId ?? '', endpoint },
    etcdVersion: up?.version ?? '',
    startedAt,
    endedAt: new Date().toISOString(),
  };
}

function refusal(cause: WireError, member: SurveyedMember): OperationError {
  return new OperationError(`etcd refuses the snapshot: ${cause.message}`, {
    where: member.endpoint,
    hint: 'a snapshot holds everything: it takes a user with the role root (--user)',
    cause,
  });
}
