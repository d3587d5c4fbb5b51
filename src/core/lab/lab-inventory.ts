import { join } from 'node:path';
import { stringify } from 'yaml';

/** What the inventory of a lab is written from. */
export interface LabLayout {
  readonly dir: string;
  /** First three octets. */
  readonly subnet: string;
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** Open files that hosts may ask for: the machine's own hard limit is the most there is. */
  readonly nofile: number;
}

/** The roles of n hosts: etcd and masters share three hosts until there are enough for three of each. */
export function labGroups(names: readonly string[]): Record<'etcd' | 'masters' | 'agents', readonly string[]> {
  if (names.length >= 9) return { etcd: names.slice(0, 3), masters: names.slice(3, 6), agents: names.slice(6) };
  if (names.length >= 4) return { etcd: names.slice(0, 3), masters: names.slice(0, 3), agents: names.slice(3) };
  const members = names.slice(0, names.length === 3 ? 3 : 1);
  return { etcd: members, masters: names, agents: names };
}

/** The text of a lab's inventory file, ready for `loadInventory`. */
export function renderLabInventory(lab: LabLayout): string {
  const inventory = {
    hosts: Object.fromEntries(lab.hosts.map((host) => [host.name, host.address])),
    defaults: {
      user: 'root',
      key: join(lab.dir, 'id_ed25519'),
      knownHosts: join(lab.dir, 'known_hosts'),
    },
    groups: labGroups(lab.hosts.map((host) => host.name)),
    clock: { source: 'chrony', servers: [`${lab.subnet}.2`] },
    limits: { nofile: lab.nofile },
    clusters: { main: { backend: 'hosts', members: '@etcd' } },
  };
  return `# Made by etcdperf lab:up; gone with lab:down.\n${stringify(inventory, { aliasDuplicateObjects: false })}`;
}

/** For people: `ssh -F ssh_config node1`. */
export function renderSshConfig(dir: string, hosts: LabLayout['hosts']): string {
  const own = hosts.map((host) => `Host ${host.name}\n  HostName ${host.address}\n`);
  const all = [
    'Host *',
    '  User root',
    `  IdentityFile "${join(dir, 'id_ed25519')}"`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile "${join(dir, 'known_hosts')}"`,
    '  StrictHostKeyChecking yes',
    '',
  ];
  return own.join('') + all.join('\n');
}
