import { OperationError } from '@etcdperf/core/errors';
import {
  type ClusterPlan,
  dataMarker,
  MARKER_FILE,
  type MemberPlan,
  type MemberSite,
  memberFlags,
} from '@etcdperf/core/etcd';
import type { RunResult } from '@etcdperf/core/ssh';

/** One member's data directory, and where its new and its old data lie beside it. */
export interface MemberDirs {
  readonly member: MemberPlan;
  readonly dataDir: string;
  /** The new data, until it is in place. On the same file system, so that moving is one step. */
  readonly restored: string;
  /** The old data, afterwards. */
  readonly aside: string;
}

/**
 * @param isMount the data directory is a file system of its own, or a link to somewhere: what lies beside it would be on
 * another one, so both go into it
 */
export function memberDirs(member: MemberPlan, id: string, isMount: boolean): MemberDirs {
  const { dataDir } = member;
  const path = (name: string) => (isMount ? `${dataDir}/${name}` : `${dataDir}.${name}`);
  return { member, dataDir, restored: path(`restore-${id}`), aside: path(`before-restore-${id}`) };
}

/** What makes a member's data directory of a snapshot: etcd's own program, on the member's host. */
export function restoreArgv(
  plan: ClusterPlan,
  { member, restored }: MemberDirs,
  options: { readonly id: string; readonly tool: string; readonly snapshot: string; readonly skipHashCheck: boolean },
): string[] {
  const flags = memberFlags(plan, member);
  return [
    options.tool,
    'snapshot',
    'restore',
    options.snapshot,
    `--data-dir=${restored}`,
    ...['name', 'initial-cluster', 'initial-advertise-peer-urls'].map((flag) => `--${flag}=${flags[flag]}`),
    // Another cluster id than before: what is left of the old cluster somewhere can't join this one, nor the other way.
    `--initial-cluster-token=${flags['initial-cluster-token']}-${options.id}`,
    ...(options.skipHashCheck ? ['--skip-hash-check=true'] : []),
  ];
}

/** Prints `mount` for each data directory ($1, …) that is a file system of its own or a link, else `plain`. */
const PLACES_SCRIPT = `
where() { df -P "$1" 2>/dev/null | awk 'NR == 2 { print $6 }'; }
for data in "$@"; do
  if [ -L "$data" ] || { [ -d "$data" ] && [ "$(where "$data")" != "$(where "$(dirname "$data")")" ]; }
  then echo mount; else echo plain; fi
done
`;

/** Arguments: the new directory, then the program and its arguments. etcd's own would make parents for root alone. */
const RESTORE_SCRIPT = `
mkdir -p "$(dirname "$1")" || exit 1
shift
umask 077
exec "$@"
`;

/**
 * Arguments: data directory, new data, place for the old, marker. Only \`member/\` and our marker move: the directory itself
 * may be a mount, and have an owner and a mode that somebody chose.
 */
const SWAP_SCRIPT = `
set -eu
data=$1 restored=$2 aside=$3 marker=$4
[ -d "$restored/member" ] || { echo "there is no restored data in $restored" >&2; exit 1; }
umask 077
[ -d "$data" ] || mkdir "$data"
mkdir "$aside"
if [ -f "$data/${MARKER_FILE}" ]; then cp -p "$data/${MARKER_FILE}" "$aside/"; fi
if [ -d "$data/member" ]; then mv "$data/member" "$aside/member"; fi
mv "$restored/member" "$data/member"
printf '%s\\n' "$marker" >"$data/${MARKER_FILE}.new.$$"
mv "$data/${MARKER_FILE}.new.$$" "$data/${MARKER_FILE}"
`;

/** The way back, from wherever the one above got to. Arguments: data directory, new data, place of the old. */
const PUT_BACK_SCRIPT = `
set -eu
data=$1 restored=$2 aside=$3
[ -d "$aside" ] || exit 0
if [ ! -d "$restored/member" ] && [ -d "$data/member" ]; then mkdir -p "$restored"; mv "$data/member" "$restored/member"; fi
if [ -d "$aside/member" ]; then mv "$aside/member" "$data/member"; fi
rm -f "$data/${MARKER_FILE}.new."*
if [ -f "$aside/${MARKER_FILE}" ]; then mv "$aside/${MARKER_FILE}" "$data/${MARKER_FILE}"; else rm -f "$data/${MARKER_FILE}"; fi
rmdir "$aside"
rmdir "$data" 2>/dev/null || true
`;

/** For each of the directories of the new data. An empty place for the old data goes, too. */
const CLEAN_SCRIPT = `
rm -rf "$1"
while [ $# -gt 2 ]; do rm -rf "$2"; rmdir "$3" 2>/dev/null; shift 2; done
exit 0
`;

/** The restore's work on one host. All throw OperationError. */
export class RestoreSite {
  readonly host: string;
  readonly #site: MemberSite;

  constructor(host: string, site: MemberSite) {
    this.host = host;
    this.#site = site;
  }

  /** Whether each data directory is a file system of its own. */
  async findMounts(dataDirs: readonly string[], signal: AbortSignal | undefined): Promise<boolean[]> {
    const { stdout } = this.#checked(
      await this.#site.executor.script(PLACES_SCRIPT, dataDirs, { signal }),
      'look there',
    );
    return stdout
      .trim()
      .split('\n')
      .map((line) => line === 'mount');
  }

  async restore(dirs: MemberDirs, argv: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const options = { signal, env: { ETCDCTL_API: '3' } };
    const result = await this.#site.executor.script(RESTORE_SCRIPT, [dirs.restored, ...argv], options);
    this.#checked(result, 'make a data directory of the snapshot');
  }

  async swap(plan: ClusterPlan, { member, dataDir, restored, aside }: MemberDirs): Promise<void> {
    const marker = JSON.stringify(dataMarker(plan, member));
    const result = await this.#site.executor.script(SWAP_SCRIPT, [dataDir, restored, aside, marker]);
    this.#checked(result, `put the data into ${dataDir}`);
  }

  /** Fine where nothing was swapped. */
  async putBack({ dataDir, restored, aside }: MemberDirs): Promise<void> {
    const result = await this.#site.executor.script(PUT_BACK_SCRIPT, [dataDir, restored, aside]);
    this.#checked(result, `put the old data back into ${dataDir}`);
  }

  /** Removes what only the restore needed. */
  async clean(staging: string, dirs: readonly MemberDirs[]): Promise<void> {
    const args = [staging, ...dirs.flatMap(({ restored, aside }) => [restored, aside])];
    this.#checked(await this.#site.executor.script(CLEAN_SCRIPT, args), 'remove what the restore needed');
  }

  #checked(result: RunResult, what: string): RunResult {
    if (result.code === 0) return result;
    const lines = result.stderr.trim().split('\n');
    const said = lines.findLast((line) => line.startsWith('Error:')) ?? lines.at(-1);
    throw new OperationError(`can't ${what}: ${said || `it ended with ${result.code ?? result.signal}`}`, {
      where: this.host,
      hint: /no space left|disk quota/i.test(result.stderr)
        ? `make room on ${this.host}: df -h shows what is full`
        : undefined,
    });
  }
}
