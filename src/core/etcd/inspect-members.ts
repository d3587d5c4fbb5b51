import { type DaemonState, daemonDir, listDaemons } from '../daemon/index.ts';
import { OperationError } from '../errors/index.ts';
import type { Executor } from '../ssh/index.ts';
import type { MemberPlan } from './cluster-plan.ts';
import { type DataMarker, MARKER_FILE, type MemberRecord, parseMarker, parseRecord } from './member-record.ts';
import { decodeAddress } from './proc-sockets.ts';

/** A machine that members run on. */
export interface MemberSite {
  readonly executor: Executor;
  readonly workDir: string;
}

/** What is on a member's host: its data directory and its daemon. */
export interface MemberFinding {
  readonly data: DataFinding;
  readonly daemon: DaemonState;
  /** What the daemon was started as, while there is one. */
  readonly record: MemberRecord | undefined;
}

export type DataFinding =
  | { readonly kind: 'none' }
  | { readonly kind: 'marked'; readonly marker: DataMarker; readonly inUse: boolean }
  /** `member/` without our marker: somebody else's etcd. */
  | { readonly kind: 'unmarked'; readonly inUse: boolean }
  | { readonly kind: 'not-a-directory' };

export interface SiteFinding {
  readonly members: readonly MemberFinding[];
  /** Every TCP socket that listens there. */
  readonly listening: readonly ListeningSocket[];
}

export interface ListeningSocket {
  /** Null for all addresses. */
  readonly address: string | null;
  readonly port: number;
}

/**
 * Arguments: a data directory and a daemon's folder for each member. Says of each what is there, then the listening
 * sockets. `flock` tells whether an etcd has the database open: bbolt holds a lock on it as long as it runs.
 */
const INSPECT_SCRIPT = `
while [ $# -gt 1 ]; do
  data=$1 daemon=$2; shift 2
  echo member
  if [ -d "$data" ]; then
    if [ -d "$data/member" ]; then echo data; fi
    db=$data/member/snap/db
    if [ -f "$db" ] && command -v flock >/dev/null && ! flock -n "$db" true; then echo locked; fi
    if [ -f "$data/${MARKER_FILE}" ]; then printf 'marker '; head -n 1 "$data/${MARKER_FILE}"; echo; fi
  elif [ -e "$data" ]; then echo notdir
  fi
  if [ -f "$daemon/config" ]; then printf 'record '; head -n 1 "$daemon/config"; echo; fi
done
sed -n 's/^ *[0-9]*: \\([0-9A-F]*:[0-9A-F]*\\) [0-9A-F]*:[0-9A-F]* 0A .*/listen \\1/p' /proc/net/tcp /proc/net/tcp6 2>/dev/null
exit 0
`;

/** Looks at all members of one host, in the order given; both questions travel at the same time. */
export async function inspectMembers(
  site: MemberSite,
  members: readonly MemberPlan[],
  signal?: AbortSignal,
): Promise<SiteFinding> {
  const args = members.flatMap((member) => [member.dataDir, daemonDir(site.workDir, member.daemon)]);
  const [result, daemons] = await Promise.all([
    site.executor.script(INSPECT_SCRIPT, args, { signal, timeoutMs: 30_000 }),
    listDaemons(site.executor, site.workDir, { signal }),
  ]);
  if (result.code !== 0)
    throw new OperationError(`can't look at the host: ${result.stderr.trim()}`, { where: site.executor.name });
  const said = parseInspection(result.stdout);
  return {
    listening: said.listening,
    members: members.map((member, index) => {
      const { data, record } = said.members[index] ?? { data: { kind: 'none' }, record: undefined };
      return { data, record, daemon: daemons.get(member.daemon) ?? { kind: 'absent' } };
    }),
  };
}

export function parseInspection(text: string): {
  readonly members: readonly Pick<MemberFinding, 'data' | 'record'>[];
  readonly listening: readonly ListeningSocket[];
} {
  const [head = '', ...blocks] = `\n${text}`.split(/\nmember(?=\n)/);
  return {
    members: blocks.map(parseMember),
    listening: [head, ...blocks].flatMap((block) =>
      [...block.matchAll(/^listen ([0-9A-F]+):([0-9A-F]{4})$/gm)].map(([, address = '', port = '']) => ({
        address: decodeAddress(address),
        port: Number.parseInt(port, 16),
      })),
    ),
  };
}

function parseMember(block: string): Pick<MemberFinding, 'data' | 'record'> {
  const lines = block.split('\n');
  const said = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
  const marker = parseMarker(said('marker') ?? '');
  const inUse = lines.includes('locked');
  const data: DataFinding = lines.includes('notdir')
    ? { kind: 'not-a-directory' }
    : marker !== undefined
      ? { kind: 'marked', marker, inUse }
      : lines.includes('data')
        ? { kind: 'unmarked', inUse }
        : { kind: 'none' };
  return { data, record: parseRecord(said('record') ?? '') };
}

/** The socket that stands in the way of listening on `address` and `port`, if there is one. */
export function portConflict(
  listening: readonly ListeningSocket[],
  address: string,
  port: number,
): ListeningSocket | undefined {
  return listening.find((socket) => socket.port === port && (socket.address === null || socket.address === address));
}
