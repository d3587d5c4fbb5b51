import { didYouMean } from '../errors/index.ts';
import { expandAt } from './expand-at.ts';
import type { MemberConfig } from './inventory.ts';
import type { FileCluster, FileMember } from './inventory-schema.ts';
import { isKnownHost } from './known-host.ts';
import type { Reading } from './reading.ts';
import type { KeyPath } from './yaml-source.ts';

/** What members may refer to. */
export interface KnownHosts {
  readonly hosts: ReadonlySet<string>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** False where some had to be left out: a name that nobody knows may then be fine. */
  readonly allHosts: boolean;
  readonly allGroups: boolean;
}

const MEMBER_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const LOCAL_PORT_STEP = 2;

/** The members of the cluster at `path`, checked against each other. */
export function resolveMembers(file: FileCluster, path: KeyPath, known: KnownHosts, reading: Reading): MemberConfig[] {
  const before = reading.problems.length;
  const drafts = draftMembers(file, path, known, reading);
  if (drafts.length === 0 && known.allHosts && known.allGroups && reading.problems.length === before) {
    const hint = file.backend === 'local' ? 'members: 3' : 'list its hosts under members, or make a group etcd';
    reading.problem(path, 'has no members', { part: 'key', hint });
  }
  checkMembers(drafts, file.backend === 'statefulset' || file.backend === 'operator', reading);
  return drafts.map(({ member }) => member);
}

function draftMembers(file: FileCluster, path: KeyPath, known: KnownHosts, reading: Reading): MemberDraft[] {
  switch (file.backend) {
    case 'local':
      return localMembers(file, path, reading);
    case 'hosts':
      return hostMembers(file, path, known, reading);
    case 'statefulset':
    case 'operator':
      return podMembers(file, path, reading);
    default:
      return file.backend satisfies never;
  }
}

/** Pods have names and ports of their own making: only how many there are is for the user to say. */
function podMembers(file: FileCluster, path: KeyPath, reading: Reading): MemberDraft[] {
  const at = [...path, 'members'];
  const { members: count = 3 } = file;
  if (typeof count !== 'number') {
    reading.problem(at, 'must be a number: which nodes they run on, Kubernetes decides', {
      hint: 'members: 3; kubernetes.nodeSelector chooses among nodes',
    });
    return [];
  }
  const cluster = String(path.at(-1));
  const { client: clientPort, peer: peerPort } = file.ports;
  return Array.from({ length: count }, (_, i) => ({ at, member: { name: `${cluster}-${i}`, clientPort, peerPort } }));
}

interface MemberDraft {
  readonly member: MemberConfig;
  readonly at: KeyPath;
}

/** On one machine, ports must differ: members that name none count up from the cluster's. */
function localMembers(file: FileCluster, path: KeyPath, reading: Reading): MemberDraft[] {
  return listedLocally(file, [...path, 'members'], reading).map(({ name, member, at }, i) => ({
    at,
    member: {
      name,
      clientPort: member.clientPort ?? file.ports.client + i * LOCAL_PORT_STEP,
      peerPort: member.peerPort ?? file.ports.peer + i * LOCAL_PORT_STEP,
      ...dataDirOf(member.dataDir ?? (file.dataDir === undefined ? undefined : `${file.dataDir}/${name}`)),
    },
  }));
}

function listedLocally(
  { members = 3 }: FileCluster,
  at: KeyPath,
  reading: Reading,
): { name: string; member: FileMember; at: KeyPath }[] {
  if (typeof members === 'number') {
    return Array.from({ length: members }, (_, i) => ({ name: `member${i + 1}`, member: {}, at }));
  }
  return [members].flat().flatMap((item, i) => {
    const itemAt = Array.isArray(members) ? [...at, i] : at;
    const member: FileMember = typeof item === 'string' ? { name: item } : item;
    if (member.host !== undefined) {
      reading.problem([...itemAt, 'host'], 'members of a local cluster have no host', { hint: 'backend: hosts' });
    }
    const names = expandAt(member.name ?? `member${i + 1}`, itemAt, reading);
    return names.map((name) => ({ name, member, at: itemAt }));
  });
}

function hostMembers(file: FileCluster, path: KeyPath, known: KnownHosts, reading: Reading): MemberDraft[] {
  const at = [...path, 'members'];
  if (typeof file.members === 'number') {
    reading.problem(at, 'must name hosts: a number is for backend local', { hint: "members: '@etcd'" });
    return [];
  }
  if (file.members === undefined && !known.groups.has('etcd')) return [];
  const written = [file.members ?? '@etcd'].flat();
  return written.flatMap((item, i) => {
    const itemAt = Array.isArray(file.members) ? [...at, i] : at;
    const member: FileMember = typeof item === 'string' ? { host: item } : item;
    const hostAt = typeof item === 'string' ? itemAt : [...itemAt, 'host'];
    const hosts = hostsOf(member.host ?? member.name ?? '', hostAt, known, reading);
    const names = member.name === undefined ? hosts : expandAt(member.name, [...itemAt, 'name'], reading);
    if (hosts.length === 0 || names.length === 0) return [];
    if (names.length !== hosts.length) {
      reading.problem(itemAt, `${names.length} names, and ${hosts.length} hosts: both need as many`);
      return [];
    }
    return hosts.map((host, j) => ({
      at: itemAt,
      member: {
        name: names[j]!,
        host,
        clientPort: member.clientPort ?? file.ports.client,
        peerPort: member.peerPort ?? file.ports.peer,
        ...dataDirOf(member.dataDir ?? file.dataDir),
      },
    }));
  });
}

function hostsOf(patterns: string, at: KeyPath, known: KnownHosts, reading: Reading): string[] {
  const groups = new Set(known.groups.keys());
  return expandAt(patterns, at, reading).flatMap((item) => {
    if (!item.startsWith('@')) return isKnownHost(item, at, known, groups, reading) ? [item] : [];
    const members = known.groups.get(item.slice(1));
    if (members === undefined && known.allGroups) {
      reading.problem(at, `no group '${item.slice(1)}'`, { hint: didYouMean(item.slice(1), groups) });
    }
    return members ?? [];
  });
}

function dataDirOf(dataDir: string | undefined): { dataDir?: string } {
  return dataDir === undefined ? {} : { dataDir };
}

/** Within one cluster no two members share a name, a port of one host, or a data directory of one host. Pods are hosts. */
function checkMembers(drafts: readonly MemberDraft[], onPods: boolean, reading: Reading): void {
  const taken = new Map<string, string>();
  const names = new Set<string>();
  for (const { member, at } of drafts) {
    if (!MEMBER_NAME.test(member.name)) reading.problem(at, `'${member.name}' can't be a member's name`);
    if (names.has(member.name)) {
      reading.problem(at, `member '${member.name}' is there twice`, {
        hint: 'two members on one host each need a name: {name: …, host: …}',
      });
      continue;
    }
    names.add(member.name);
    const place = onPods ? member.name : (member.host ?? 'this machine');
    const beyond = [member.clientPort, member.peerPort].find((port) => port > 65535);
    if (beyond !== undefined) reading.problem(at, `'${member.name}' would get port ${beyond}, and 65535 is the last`);
    const uses = [`port ${member.clientPort}`, `port ${member.peerPort}`];
    if (member.dataDir !== undefined) uses.push(`data directory ${member.dataDir}`);
    for (const use of uses) {
      const key = `${use} on ${place}`;
      const other = taken.get(key);
      if (other !== undefined) {
        const who = other === member.name ? `'${member.name}' twice` : `'${other}' and '${member.name}'`;
        reading.problem(at, `${key} is used by ${who}`);
      }
      taken.set(key, member.name);
    }
  }
}
