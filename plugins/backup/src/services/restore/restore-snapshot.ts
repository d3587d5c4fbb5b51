import { randomBytes } from 'node:crypto';
import { EtcdperfError, InputError } from '@etcdperf/core/errors';
import {
  type FoundCluster,
  openClusterHosts,
  type ProcessCluster,
  readLocalCluster,
  requireCertificates,
  writeLocalCluster,
} from '@etcdperf/core/etcd';
import { verifySnapshot } from '../snapshot/verify-snapshot.ts';
import { requireUsable } from './check-snapshot.ts';
import { lookBeforeRestore, type Prospect, requirePermission } from './look-before-restore.ts';
import { proveRestore } from './prove-restore.ts';
import { Restoration } from './restoration.ts';
import type { MemberRestore, RestoredMember, RestoreReport } from './restore-report.ts';
import { restoreArgv } from './restore-site.ts';
import { type StartChoices, startAgain, startByHand, startRestored } from './start-restored.ts';

export interface RestoreChoices extends StartChoices {
  readonly file: string;
  /** Data that is there is set aside. */
  readonly force?: boolean | undefined;
  /** Members that run are stopped. */
  readonly stop?: boolean | undefined;
  /** Also a file without a checksum. */
  readonly skipHashCheck?: boolean | undefined;
  /** The data is put in place, and that is all. */
  readonly noStart?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly acceptNew?: boolean | undefined;
  readonly forks?: number | undefined;
}

/**
 * Makes a cluster of a snapshot, on all its hosts. Verifies the file and looks at all hosts first: InputError or
 * OperationError mean that nothing was touched. The new data is made beside the old; only then members are stopped and
 * the data is moved, the old one aside. Whatever fails until then, or Ctrl-C (which rejects), is taken back. At the end
 * the cluster runs, and its hashes are compared with the snapshot's.
 */
export async function restoreSnapshot(cluster: FoundCluster, choices: RestoreChoices): Promise<RestoreReport> {
  const startedAt = performance.now();
  const { signal, onStep, skipHashCheck = false } = choices;
  const found = requireRestorable(cluster);
  const { config } = found;
  onStep?.('verifying the snapshot');
  const facts = await verifySnapshot(choices.file, signal);
  const database = requireUsable(facts, config.version, skipHashCheck);
  const expected = { ...database, hashKv: facts.manifest?.hashKv };
  const { file, bytes, sha256 } = facts;

  await using hosts = await openClusterHosts(found, choices);
  const { plan } = hosts;
  const addresses = plan.members.map((member) => member.address);
  await requireCertificates(config, { server: addresses, peer: addresses });
  const id = restoreId();
  onStep?.(`looking at ${plan.members.length} members`);
  const prospects = await lookBeforeRestore(hosts, id, signal);
  requirePermission(config.name, prospects, { force: choices.force ?? false, stop: choices.stop ?? false });

  const notes =
    expected.hashKv === undefined
      ? ['no manifest tells the hash that the cluster must have: members are only compared']
      : [];
  const report = (
    outcome: RestoreReport['outcome'],
    result: (prospect: Prospect) => MemberRestore,
    more: { leader?: string | undefined; downMs?: number | undefined; notes?: readonly string[] } = {},
  ): RestoreReport => ({
    cluster: config.name,
    version: config.version,
    snapshot: {
      file,
      bytes,
      sha256,
      revision: database.revision,
      versions: database.versions,
      hashKv: expected.hashKv,
    },
    outcome,
    members: prospects.map((prospect) => restoredMember(prospect, result(prospect))),
    leader: more.leader,
    notes: [...notes, ...(more.notes ?? [])],
    downMs: more.downMs,
    durationMs: Math.round(performance.now() - startedAt),
  });

  if (choices.dryRun) {
    const snapshot = { tool: 'etcdutl', snapshot: file, id, skipHashCheck };
    return report({ kind: 'planned' }, ({ dirs }) => ({
      kind: 'would restore',
      argv: restoreArgv(plan, dirs, snapshot),
    }));
  }

  const work = new Restoration({ hosts, prospects, id, snapshot: { file, sha256 }, skipHashCheck, signal, onStep });
  try {
    await work.prepare();
    signal?.throwIfAborted();
    await work.stop();
    signal?.throwIfAborted();
    await work.swap();
    signal?.throwIfAborted();
  } catch (error) {
    const trouble = await work.takeBack();
    const rest = trouble === undefined ? await work.clean() : undefined;
    const stopped =
      work.stoppedAt === undefined ? undefined : await startAgain(found, hosts, prospects, choices, trouble);
    if (signal?.aborted) {
      for (const note of [trouble, rest, stopped]) if (note !== undefined) choices.onInfo?.(note);
      throw signal.reason;
    }
    if (!(error instanceof EtcdperfError)) throw error;
    const reason = [error.message, trouble === undefined ? 'the data is as it was' : trouble].join('\n');
    return report(
      { kind: 'failed', reason, hint: error.hint },
      () => ({ kind: work.stoppedAt === undefined ? 'untouched' : 'put back' }),
      { notes: [rest, stopped].filter((note) => note !== undefined) },
    );
  }
  const rest = await work.clean();
  const leftovers = rest === undefined ? [] : [rest];
  if (found.kind === 'local' && (await readLocalCluster(found.dir)) === undefined)
    await writeLocalCluster(found.dir, config);
  const inPlace =
    (hashes?: ReadonlyMap<string, number>) =>
    (prospect: Prospect): MemberRestore => ({
      kind: 'restored',
      hashKv: hashes?.get(prospect.dirs.member.name),
    });
  if (choices.noStart) return report({ kind: 'in place' }, inPlace(), { notes: leftovers });

  const failed = (reason: string, hint?: string): RestoreReport['outcome'] => ({
    kind: 'failed',
    reason,
    hint: hint ?? startByHand(found),
  });
  const deployed = await startRestored(found, hosts, choices);
  if (deployed.outcome.kind !== 'deployed' && deployed.outcome.kind !== 'unchanged') {
    const lines = deployed.members.flatMap(({ name, result }) =>
      'reason' in result ? [`${name}: ${result.reason}`] : [],
    );
    const reason = 'reason' in deployed.outcome ? deployed.outcome.reason : 'the cluster did not start';
    return report(failed([reason, ...lines].join('\n')), inPlace(), { notes: leftovers });
  }
  const downMs = work.stoppedAt === undefined ? undefined : Math.round(performance.now() - work.stoppedAt);
  onStep?.('comparing the hashes of all members');
  const proof = await proveRestore(hosts.access, plan.members, expected, signal);
  const outcome = proof.problem === undefined ? ({ kind: 'restored' } as const) : failed(proof.problem, NOT_PROVEN);
  return report(outcome, inPlace(proof.hashes), { leader: deployed.leader, downMs, notes: leftovers });
}

const NOT_PROVEN = 'the cluster runs, on the data of the snapshot; what it had before lies where the report says';

/** Throws InputError for a cluster whose data is not etcdperf's to move. */
function requireRestorable(cluster: FoundCluster): ProcessCluster {
  if (cluster.kind !== 'kubernetes') return cluster;
  throw new InputError(`cluster ${cluster.config.name} is on Kubernetes, where its pods own the data directories`, {
    where: cluster.inventory.path,
    hint: 'a dump can be put into it: backup:load; for a snapshot see the documentation of its operator',
  });
}

function restoredMember({ dirs, isRunning, finding }: Prospect, result: MemberRestore): RestoredMember {
  const { name, host, clientUrl: endpoint, dataDir } = dirs.member;
  const moves = result.kind === 'restored' || result.kind === 'would restore';
  const setAside = moves && finding.data.kind !== 'none' ? dirs.aside : undefined;
  return { name, host, endpoint, dataDir, ran: isRunning, setAside, result };
}

/** `20260131-120000-1a2b`. */
function restoreId(): string {
  const [day, time] = new Date()
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .split('T');
  return `${day}-${time}-${randomBytes(2).toString('hex')}`;
}
