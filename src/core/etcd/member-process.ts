import {
  DaemonNotPrepared,
  daemonLog,
  daemonState,
  type RunningDaemon,
  removeDaemon,
  startDaemon,
  stopDaemon,
} from '../daemon/index.ts';
import { OperationError } from '../errors/index.ts';
import { type ClusterPlan, type MemberPlan, memberArgv, memberFlags } from './cluster-plan.ts';
import type { MemberSite } from './inspect-members.ts';
import { installTlsFiles } from './install-tls-files.ts';
import { dataMarker, MARKER_FILE, type MemberRecord } from './member-record.ts';
import { lastWords } from './readable-log.ts';
import type { TlsFiles } from './tls-files.ts';

/** How long etcd may take to close its database and hand over leadership before it is killed. */
const STOP_GRACE_MS = 5000;

/**
 * Makes the data directory ($1) as etcd wants it (0700) and says in it whose it is ($2). Two deployments at once must
 * not take each other's unfinished marker away: hence the shell's pid in its name.
 */
const PREPARE_SCRIPT = `
mkdir -p "$(dirname "$1")" || exit 1
umask 077
mkdir "$1" 2>/dev/null || [ -d "$1" ] || mkdir "$1" || exit 1
new="$1/${MARKER_FILE}.new.$$"
printf '%s\\n' "$2" >"$new" && mv "$new" "$1/${MARKER_FILE}" || { rm -f "$new"; exit 1; }
`;

/** Arguments: data directory, TLS folder, work directory. Only what etcd and etcdperf wrote goes, then empty folders. */
const REMOVE_SCRIPT = `
rm -rf "$1/member" "$1/${MARKER_FILE}" "$1/${MARKER_FILE}.new."* "$2" || exit 1
for folder in "$1" "$(dirname "$2")" "$3/tls" "$3/daemons"; do rmdir "$folder" 2>/dev/null; done
case $1 in "$3"/*) rmdir "$(dirname "$1")" "$3/etcd" 2>/dev/null ;; esac
exit 0
`;

export interface StartMember {
  readonly plan: ClusterPlan;
  readonly member: MemberPlan;
  readonly record: MemberRecord;
  readonly tls: TlsFiles | undefined;
  /** The etcd binary on that host. */
  readonly binary: string;
  readonly nofile: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Prepares data directory and TLS files and starts one member. Throws OperationError with etcd's own last words. */
export async function startMember(site: MemberSite, start: StartMember): Promise<RunningDaemon> {
  const { plan, member, record, tls, binary, nofile, signal } = start;
  const { executor, workDir } = site;
  if (tls !== undefined) await installTlsFiles(site, member.tlsDir, tls, signal);
  try {
    return await startDaemon(
      executor,
      workDir,
      {
        name: member.daemon,
        prepare: { source: PREPARE_SCRIPT, args: [member.dataDir, JSON.stringify(dataMarker(plan, member))] },
        argv: memberArgv(binary, memberFlags(plan, member)),
        config: `${JSON.stringify(record)}\n`,
        ...(nofile !== undefined && { nofile }),
      },
      { signal },
    );
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof DaemonNotPrepared)
      throw new OperationError(`can't write to ${member.dataDir}: ${error.message}`, {
        where: executor.name,
        hint: 'is the disk full, or not writable for this user?',
        cause: error,
      });
    const words = await whyExited(site, member).catch(() => undefined);
    if (words === undefined) throw error;
    throw new OperationError(`etcd ended at once\n${words}`, { where: executor.name, cause: error });
  }
}

/** Etcd's last words if it has ended; undefined while it runs. */
export async function whyExited(
  site: MemberSite,
  member: MemberPlan,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const state = await daemonState(site.executor, site.workDir, member.daemon, { signal });
  if (state.kind !== 'exited') return undefined;
  const how = state.signal ?? (state.code === null ? 'nobody saw how' : `exit code ${state.code}`);
  const log = daemonLog(site.workDir, member.daemon);
  const { stdout } = await site.executor.script('tail -c 16384 "$1" | tail -n 60', [log], { signal });
  return [`it ended (${how})`, lastWords(stdout)].filter((line) => line !== '').join('\n');
}

/** Ends a member and keeps its data. Fine when it doesn't run. */
export async function stopMember(site: MemberSite, daemon: string): Promise<void> {
  await stopDaemon(site.executor, site.workDir, daemon, { graceMs: STOP_GRACE_MS });
}

/** Ends a member and removes its daemon's folder; with `data` what etcd wrote goes too. Idempotent. */
export async function removeMember(
  site: MemberSite,
  member: Pick<MemberPlan, 'daemon' | 'dataDir' | 'tlsDir'>,
  data: boolean,
): Promise<void> {
  const { executor, workDir } = site;
  // Data that goes need not be closed well.
  await removeDaemon(executor, workDir, member.daemon, { graceMs: data ? 0 : STOP_GRACE_MS });
  if (!data) return;
  const result = await executor.script(REMOVE_SCRIPT, [member.dataDir, member.tlsDir, workDir]);
  if (result.code !== 0)
    throw new OperationError(`can't remove ${member.dataDir}: ${lastLine(result.stderr)}`, { where: executor.name });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
