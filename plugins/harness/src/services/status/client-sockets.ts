import { daemonDir } from '@etcdperf/core/daemon';
import { EtcdperfError, OperationError } from '@etcdperf/core/errors';
import { type EstablishedSocket, parseSockets } from '@etcdperf/core/etcd';
import type { ClusterMember, PodMember, ProcessMember } from '../members/cluster-members.ts';

/** The connections of clients to a member, or why they can't be seen. */
export type ClientSockets =
  | { readonly kind: 'seen'; readonly sockets: readonly ClientSocket[] }
  | { readonly kind: 'hidden'; readonly reason: string };

/** The client's end of a connection. */
export interface ClientSocket {
  readonly address: string;
  readonly port: number;
}

/** Arguments: daemons' folders. The machine's established sockets, and the inodes of those that the daemons have open. */
const SCRIPT = `
sed -n '/^ *[0-9]*: [0-9A-F:]* [0-9A-F:]* 01 /p' /proc/net/tcp /proc/net/tcp6 2>/dev/null
for daemon in "$@"; do
  [ -f "$daemon/pid" ] && read -r pid rest <"$daemon/pid" || continue
  ls -l "/proc/$pid/fd" 2>/dev/null | sed -n 's/.*socket:\\[\\([0-9]*\\)\\]$/own \\1/p'
done
exit 0
`;

export interface SocketQuestion {
  readonly members: readonly ClusterMember[];
  /** The port that clients reach pods at. */
  readonly podPort: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Each host is asked once, each pod by itself. By member. Rejects with the signal's reason only. */
export async function clientSockets(question: SocketQuestion): Promise<Map<string, ClientSockets>> {
  const { members } = question;
  const processes = members.filter((member) => member.kind === 'process');
  const pods = members.filter((member) => member.kind === 'pod');
  const hosts = Map.groupBy(processes, (member) => member.plan.host);
  const parts = await Promise.all([
    ...[...hosts.values()].map((ofHost) => hostSockets(ofHost, question)),
    ...pods.map((pod) => podSockets(pod, question)),
  ]);
  return new Map(parts.flat());
}

async function hostSockets(
  members: readonly ProcessMember[],
  { timeoutMs, signal }: SocketQuestion,
): Promise<[string, ClientSockets][]> {
  const [{ site }] = members as [ProcessMember];
  const daemons = members.map(({ plan }) => daemonDir(site.workDir, plan.daemon));
  try {
    const { stdout } = await within(timeoutMs, site.executor.script(SCRIPT, daemons, { signal, timeoutMs }));
    const own = new Set([...stdout.matchAll(/^own (\d+)$/gm)].map(([, inode]) => Number(inode)));
    const sockets = parseSockets(stdout);
    return members.map(({ name, plan }) => [name, seen(sockets, plan.clientPort, ownEnds(sockets, own))]);
  } catch (error) {
    if (signal?.aborted || !(error instanceof EtcdperfError)) throw error;
    return members.map(({ name }) => [name, { kind: 'hidden', reason: error.message }]);
  }
}

async function podSockets(
  { name, pod, namespace, container, kube }: PodMember,
  { podPort, timeoutMs, signal }: SocketQuestion,
): Promise<[string, ClientSockets][]> {
  try {
    const argv = ['cat', '/proc/net/tcp', '/proc/net/tcp6'];
    const limits = { container, timeoutMs, signal };
    const { code, stdout } = await within(timeoutMs, kube.exec({ name: pod, namespace }, argv, limits));
    // A pod has one address family or both; cat goes on after a file that is missing.
    if (stdout.length === 0) return [[name, { kind: 'hidden', reason: `its image has no cat (exit code ${code})` }]];
    const sockets = parseSockets(stdout);
    // What comes from within the pod: probes, forwarded ports (ours too), and etcd itself.
    const isWithin = ({ remoteAddress, localAddress }: EstablishedSocket) =>
      remoteAddress === localAddress || (remoteAddress ?? '').startsWith('127.');
    return [
      [
        name,
        seen(
          sockets.filter((socket) => !isWithin(socket)),
          podPort,
          new Set(),
        ),
      ],
    ];
  } catch (error) {
    if (signal?.aborted || !(error instanceof EtcdperfError)) throw error;
    return [[name, { kind: 'hidden', reason: error.message }]];
  }
}

/** The ends of connections that the members themselves opened: etcd's HTTP gateway is a client of its own server. */
function ownEnds(sockets: readonly EstablishedSocket[], inodes: ReadonlySet<number>): Set<string> {
  return new Set(
    sockets
      .filter(({ inode }) => inodes.has(inode))
      .map(({ localAddress, localPort }) => `${localAddress}:${localPort}`),
  );
}

function seen(sockets: readonly EstablishedSocket[], port: number, own: ReadonlySet<string>): ClientSockets {
  return {
    kind: 'seen',
    sockets: sockets
      .filter((socket) => socket.localPort === port)
      .map(({ remoteAddress, remotePort }) => ({ address: remoteAddress ?? '', port: remotePort }))
      .filter(({ address, port }) => !own.has(`${address}:${port}`)),
  };
}

/** A connection that isn't there yet is not covered by a command's own time limit. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new OperationError(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
