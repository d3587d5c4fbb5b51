import { OperationError } from '@etcdperf/core/errors';
import type { Executor } from '@etcdperf/core/ssh';

/** What a host is and has. */
export interface HostFacts {
  readonly os: string;
  readonly kernel: string;
  readonly arch: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Of the file system that the work directory is on, or will be. */
  readonly diskFreeBytes: number;
  readonly user: string;
  /** Whether commands run as root, by login or by sudo. */
  readonly root: boolean;
  /** Whether root could be had by sudo without a password. */
  readonly sudo: boolean;
  readonly systemd: boolean;
  /** Hard limits; `Infinity` where there is none. */
  readonly limits: { readonly nofile: number; readonly nproc: number };
  /** Programs that etcdperf needs or can use, as found. */
  readonly tools: readonly string[];
  /** Version as `node --version` says it; the newest of what is there. */
  readonly node?: string;
  /** Versions of etcd in the work directory. */
  readonly etcd: readonly string[];
  /** Daemons of etcdperf that were started there, running or not. */
  readonly daemons: readonly string[];
  /** Whether hosts:init has been here. */
  readonly prepared: boolean;
}

/** Programs without which nothing works. */
export const NEEDED_TOOLS = ['setsid', 'flock', 'gzip', 'sha256sum'];

const OPTIONAL_TOOLS = ['chronyd', 'chronyc', 'ntpdate', 'sntp', 'apt-get', 'dnf', 'yum'];

const FACTS = `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
work=$1; shift
place=$work
while [ ! -d "$place" ]; do place=\${place%/*}; [ -n "$place" ] || place=/; done
echo "os $( . /etc/os-release 2>/dev/null && echo "\${PRETTY_NAME:-$NAME}" || uname -s )"
echo "kernel $(uname -r)"
echo "arch $(uname -m)"
echo "cpus $(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
sed -n 's/^MemTotal: *\\([0-9]*\\) kB/memory \\1/p' /proc/meminfo
echo "disk $(df -Pk "$place" | awk 'NR == 2 { print $4 }')"
echo "user $(id -un 2>/dev/null || id -u)"
echo "uid $(id -u)"
if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then echo 'sudo yes'; fi
if [ -d /run/systemd/system ]; then echo 'systemd yes'; fi
sed -n 's/^Max open files *[^ ]* *\\([^ ]*\\).*/nofile \\1/p; s/^Max processes *[^ ]* *\\([^ ]*\\).*/nproc \\1/p' /proc/self/limits
for tool; do if command -v "$tool" >/dev/null; then echo "tool $tool"; fi; done
for node in "$work/bin/node" "$(command -v node)"; do
  if [ -x "$node" ]; then echo "node $("$node" --version 2>/dev/null)"; fi
done
for each in "$work"/bin/etcd-*; do if [ -x "$each" ]; then echo "etcd \${each##*/etcd-}"; fi; done
for each in "$work"/daemons/*/; do if [ -d "$each" ]; then each=\${each%/}; echo "daemon \${each##*/}"; fi; done
if [ -d "$work/init" ]; then echo 'prepared yes'; fi
exit 0
`;

/** Looks at a host; one round trip, changes nothing. Throws OperationError where it is no Linux that we can work on. */
export async function gatherFacts(executor: Executor, workDir: string, signal?: AbortSignal): Promise<HostFacts> {
  const result = await executor.script(FACTS, [workDir, ...NEEDED_TOOLS, ...OPTIONAL_TOOLS], { signal });
  const facts = parseFacts(result.stdout);
  if (facts !== undefined) return facts;
  const said = result.stderr.trim().split('\n').at(-1);
  throw new OperationError(`this host says nothing of itself${said ? `: ${said}` : ''}`, {
    where: executor.name,
    hint: 'etcdperf needs Linux with /proc and a POSIX shell',
  });
}

/** Reads what FACTS printed: `<kind> <value>` lines. Undefined where even the kernel is missing. */
export function parseFacts(text: string): HostFacts | undefined {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [kind = '', ...rest] = line.split(' ');
    values.set(kind, [...(values.get(kind) ?? []), rest.join(' ').trim()]);
  }
  const one = (kind: string) => values.get(kind)?.[0] ?? '';
  const number = (kind: string) =>
    one(kind) === 'unlimited' ? Number.POSITIVE_INFINITY : Number(one(kind) || Number.NaN);
  if (!one('kernel') || Number.isNaN(number('memory'))) return undefined;
  const newest = (values.get('node') ?? []).filter(Boolean).sort(byVersion).at(-1);
  return {
    os: one('os'),
    kernel: one('kernel'),
    arch: one('arch'),
    cpus: number('cpus'),
    memoryBytes: number('memory') * 1024,
    diskFreeBytes: number('disk') * 1024,
    user: one('user'),
    root: one('uid') === '0',
    sudo: one('sudo') === 'yes',
    systemd: one('systemd') === 'yes',
    limits: { nofile: number('nofile'), nproc: number('nproc') },
    tools: values.get('tool') ?? [],
    ...(newest !== undefined && { node: newest }),
    etcd: values.get('etcd') ?? [],
    daemons: values.get('daemon') ?? [],
    prepared: one('prepared') === 'yes',
  };
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
