import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import { loadInventory } from './load-inventory.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'etcdperf-config-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, text: string): string {
  mkdirSync(join(dir, name, '..'), { recursive: true });
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

function load(yaml: string) {
  return loadInventory(write('lab.yaml', yaml));
}

/** `line:column message (hint)` of all that is wrong. */
async function problemsOf(path: string): Promise<string[]> {
  const error = await loadInventory(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof InputError)) throw error ?? new Error('it was accepted');
  const problems = error.problems.length > 0 ? error.problems : [{ ...error, message: error.message }];
  return problems.map(({ where, message, hint }) => {
    const place = where?.startsWith(`${path}:`) ? where.slice(path.length + 1) : where?.replace(`${dir}/`, '');
    return `${place} ${message}${hint === undefined ? '' : ` (${hint})`}`;
  });
}

describe('what an inventory says', () => {
  test('hosts as a list, with ranges of names and addresses', async () => {
    const { hosts } = await load(
      'hosts: [alpha, "node[1-2]", {name: "n[08-10]", address: "10.0.0.[8-10]", port: 2222}]',
    );
    expect(hosts.map(({ name, address, port }) => [name, address, port])).toEqual([
      ['alpha', 'alpha', undefined],
      ['node1', 'node1', undefined],
      ['node2', 'node2', undefined],
      ['n08', '10.0.0.8', 2222],
      ['n09', '10.0.0.9', 2222],
      ['n10', '10.0.0.10', 2222],
    ]);
  });

  test('hosts as a map', async () => {
    const { hosts } = await load('hosts:\n  a:\n  b: 10.0.0.2\n  c[1-2]: {address: "10.0.1.[1-2]", user: eve}\n');
    expect(hosts.map(({ name, address, user }) => [name, address, user])).toEqual([
      ['a', 'a', undefined],
      ['b', '10.0.0.2', undefined],
      ['c1', '10.0.1.1', 'eve'],
      ['c2', '10.0.1.2', 'eve'],
    ]);
  });

  test('groups, and groups of groups, each host once and in order', async () => {
    const { groups, hosts } = await load(`
hosts: ['node[1-4]']
groups:
  all-but-one: ['@low', '@high']
  low: node[1-2],node2
  high: { hosts: [node4, '@low'] }
`);
    expect(Object.fromEntries(groups)).toEqual({
      'all-but-one': ['node1', 'node2', 'node4'],
      low: ['node1', 'node2'],
      high: ['node4', 'node1', 'node2'],
    });
    expect(hosts.find(({ name }) => name === 'node2')?.groups).toEqual(['all-but-one', 'low', 'high']);
    expect(hosts.find(({ name }) => name === 'node3')?.groups).toEqual([]);
  });

  test('settings: defaults, then groups, then the host; one source of the password replaces the other', async () => {
    const secret = write('secret', 'x\n');
    const { hosts } = await load(`
hosts: { a: , b: , c: { user: carol, passwordFile: secret } }
defaults: { user: root, passwordEnv: LAB_PASSWORD, become: sudo }
groups:
  plain: { hosts: [b, c], user: bob, become: none, port: 22022 }
`);
    expect(hosts).toMatchObject([
      { name: 'a', user: 'root', passwordEnv: 'LAB_PASSWORD', become: 'sudo' },
      { name: 'b', user: 'bob', passwordEnv: 'LAB_PASSWORD', become: 'none', port: 22022 },
      { name: 'c', user: 'carol', passwordFile: secret, become: 'none', port: 22022 },
    ]);
    expect(hosts[2]).not.toHaveProperty('passwordEnv');
  });

  test('paths start at the inventory, ~ is the home, variables stay as they are', async () => {
    const key = write('keys/lab', 'key');
    const { hosts, runsDir, workDir } = await load(
      'hosts: {a: {key: keys/lab, knownHosts: ~/.ssh/lab_hosts}}\nrunsDir: "$HOME/r"\nworkDir: /srv/etcdperf',
    );
    expect(hosts[0]).toMatchObject({ keyFile: key, knownHostsFile: join(homedir(), '.ssh/lab_hosts') });
    expect(runsDir).toBe(join(dir, '$HOME/r'));
    expect(workDir).toBe('/srv/etcdperf');
  });

  test('jump hosts: of the inventory with their settings, or from outside; a jump host itself goes straight', async () => {
    const { hosts } = await load(`
hosts: { bastion: { address: 192.0.2.1, port: 2222 }, a: { jump: [ops@gate.example:22022, bastion] }, b: }
defaults: { user: root, jump: bastion }
`);
    expect(hosts.map(({ name, jump }) => [name, jump])).toEqual([
      ['bastion', undefined],
      ['a', ['ops@gate.example:22022', 'bastion']],
      ['b', ['bastion']],
    ]);
    expect(hosts[1]?.jumpHosts).toEqual([
      { name: 'ops@gate.example:22022', address: 'gate.example', user: 'ops', port: 22022 },
      { name: 'bastion', address: '192.0.2.1', user: 'root', port: 2222 },
    ]);
  });

  test('several hops: a jump host on the way goes by those before it; one private address behind two is two hosts', async () => {
    const { hosts } = await load(`
hosts: { first: , second: , far: , left: { address: 10.0.0.1, jump: first }, right: { address: 10.0.0.1, jump: second } }
defaults: { jump: [first, second] }
`);
    expect(hosts.map(({ name, jump }) => [name, jump])).toEqual([
      ['first', undefined],
      ['second', ['first']],
      ['far', ['first', 'second']],
      ['left', ['first']],
      ['right', ['second']],
    ]);
  });

  test('clusters: members from the group etcd, from a list, and on this machine', async () => {
    const { clusters, control } = await load(`
hosts: ['node[1-3]']
groups: { etcd: 'node[1-3]' }
clusters:
  main: { version: v3.5.21, dataDir: /data/etcd, flags: { heartbeat-interval: 50, enable-v2: false } }
  pair:
    ports: { client: 12379 }
    members: [{ name: 'a[1-2]', host: 'node[1-2]' }, { name: b, host: node1, clientPort: 1, peerPort: 2, dataDir: /b }]
  here: { backend: local, members: 2, ports: { client: 4000, peer: 4001 } }
control: here
`);
    expect(clusters.get('main')).toEqual({
      name: 'main',
      backend: 'hosts',
      version: '3.5.21',
      members: ['node1', 'node2', 'node3'].map((host) => ({
        name: host,
        host,
        clientPort: 2379,
        peerPort: 2380,
        dataDir: '/data/etcd',
      })),
      flags: { 'heartbeat-interval': 50, 'enable-v2': false },
    });
    expect(clusters.get('pair')?.members).toEqual([
      { name: 'a1', host: 'node1', clientPort: 12379, peerPort: 2380 },
      { name: 'a2', host: 'node2', clientPort: 12379, peerPort: 2380 },
      { name: 'b', host: 'node1', clientPort: 1, peerPort: 2, dataDir: '/b' },
    ]);
    expect(clusters.get('here')?.members).toEqual([
      { name: 'member1', clientPort: 4000, peerPort: 4001 },
      { name: 'member2', clientPort: 4002, peerPort: 4003 },
    ]);
    expect(control).toBe('here');
  });

  test('TLS files and the source of a password', async () => {
    for (const file of ['ca', 'cert', 'key', 'user.key']) write(`pki/${file}`, 'pem');
    const { clusters } = await load(`
clusters:
  here:
    backend: local
    tls: { ca: pki/ca, cert: pki/cert, key: pki/key, clientCa: pki/ca, clientCert: pki/cert, clientKey: pki/user.key }
    auth: { user: root, passwordEnv: ETCD_PASSWORD }
`);
    expect(clusters.get('here')).toMatchObject({
      tls: {
        caFile: join(dir, 'pki/ca'),
        certFile: join(dir, 'pki/cert'),
        keyFile: join(dir, 'pki/key'),
        clientCaFile: join(dir, 'pki/ca'),
        clientCertFile: join(dir, 'pki/cert'),
        clientKeyFile: join(dir, 'pki/user.key'),
      },
      auth: { user: 'root', passwordEnv: 'ETCD_PASSWORD' },
    });
  });

  test('clock, limits, and their defaults', async () => {
    const plain = await load('hosts: [a]');
    expect(plain.clock).toEqual({ source: 'chrony', servers: [], maxOffsetMs: 20 });
    expect(plain.limits).toEqual({ nofile: 65536, nproc: 65536, sysctls: {} });
    const own = await load(`
hosts: { a: 10.0.0.1 }
clock: { servers: [a, time.example], maxOffsetMs: 0.5 }
limits: { nofile: 20000, sysctls: { net.core.somaxconn: 4096 } }
`);
    expect(own.clock).toEqual({
      source: 'chrony',
      servers: [{ address: '10.0.0.1', host: 'a' }, { address: 'time.example' }],
      maxOffsetMs: 0.5,
    });
    expect(own.limits).toEqual({ nofile: 20000, nproc: 65536, sysctls: { 'net.core.somaxconn': '4096' } });
  });

  test('old hosts files as groups: known addresses are not new hosts', async () => {
    write('master-ips.conf', '# masters\n10.0.0.1\n\n10.0.0.9 # the spare\n');
    write('agents-a.conf', '10.0.0.1\r\n10.0.0.2\r\n');
    const { hosts, groups, digest } = await load(`
hosts: { first: 10.0.0.1 }
import: { masters: master-ips.conf, agents: [agents-a.conf] }
groups: { masters: { hosts: [], user: root } }
`);
    expect(hosts.map(({ name }) => name)).toEqual(['first', '10.0.0.9', '10.0.0.2']);
    expect(Object.fromEntries(groups)).toEqual({ masters: ['first', '10.0.0.9'], agents: ['first', '10.0.0.2'] });
    expect(hosts[1]?.user).toBe('root');

    write('agents-a.conf', '10.0.0.1\n10.0.0.3\n');
    expect((await loadInventory(join(dir, 'lab.yaml'))).digest).not.toBe(digest);
  });

  test('an old hosts file on its own', async () => {
    const { hosts, groups } = await loadInventory(write('agent-ips.conf', '10.0.0.1\nhost-b\n'));
    expect(hosts.map(({ name, address }) => [name, address])).toEqual([
      ['10.0.0.1', '10.0.0.1'],
      ['host-b', 'host-b'],
    ]);
    expect([...groups.keys()]).toEqual(['agents']);
  });
});

describe('what is wrong with an inventory', () => {
  test('everything at once, top to bottom, the rest checked although a part is wrong', async () => {
    const path = write(
      'bad.yaml',
      `hosts:
  - name: node[1-3]
    address: 10.0.0.[1-3]
    prt: 22
  - node9
defaults:
  password: hunter2
  port: 99999
groups:
  agents: ['node9', 'nod1', '@etdc']
  etcd: node[1-3]
  nobody: []
clusters:
  main: { backend: host, flags: { data-dir: /x } }
`,
    );
    expect(await problemsOf(path)).toEqual([
      "4:5 hosts[0].prt: unknown key (did you mean 'port'?)",
      '7:3 defaults.password: unknown key (a password never stands in the inventory: name its source with passwordFile or passwordEnv)',
      '8:9 defaults.port: must be at most 65535, not 99999',
      "10:21 groups.agents[1]: no host 'nod1' (did you mean 'node1'?)",
      "10:29 groups.agents[2]: no group 'etdc' (did you mean 'etcd'?)",
      '12:3 groups.nobody: the group is empty (list hosts in it, or remove it)',
      "14:20 clusters.main.backend: must be 'local', 'hosts', 'statefulset' or 'operator', not 'host' (did you mean 'hosts'?)",
      '14:35 clusters.main.flags.data-dir: etcdperf sets this flag itself (it follows from dataDir)',
    ]);
  });

  test.each([
    ['a misspelt section', 'hots: [a]', ["1:1 hots: unknown key (did you mean 'hosts'?)"]],
    ['no section at all', '- a', ['1:1 the file: must be a map, not a list']],
    ['nothing', '', ['lab.yaml the inventory is empty (conf/inventory.yaml is an example to copy)']],
    [
      'no host',
      'workDir: /x',
      ["1:1 the file: lists no host and no cluster (a list of names under 'hosts:', or 'import:')"],
    ],
    [
      'a number for a host',
      'hosts: [a, 7]',
      ["1:12 hosts[1]: must be text or a map, not the number 7 (put it in quotes: '7')"],
    ],
    ['a host without a name', 'hosts: [{address: b}]', ['1:9 hosts[0].name: is missing (text)']],
    ['a host twice', 'hosts: [a, b, a]', ["1:15 hosts[2]: host 'a' is there twice"]],
    ['a host in two ranges', 'hosts: ["n[1-3]", "n[3-4]"]', ["1:19 hosts[1]: host 'n3' is there twice"]],
    [
      'an address twice',
      'hosts: {a: 10.0.0.1, b: 10.0.0.1, c: {address: 10.0.0.1, port: 2222}}',
      ["1:22 hosts.b: host 'b' has the same address as 'a': 10.0.0.1 port 22"],
    ],
    [
      'a name that none can have',
      'hosts: [root@a]',
      ["1:9 hosts[0]: 'root@a' can't be a host's name (write the user apart: user: root)"],
    ],
    [
      'a range that makes nothing',
      'hosts: ["node[5-3]"]',
      ["1:9 hosts[0]: '[5-3]' makes nothing: it ends (3) before it starts (5)"],
    ],
    ['an open range', 'hosts: ["node[5-"]', ["1:9 hosts[0]: a bracket of 'node[5-' has no partner"]],
    [
      'ranges that do not pair up',
      'hosts: {"n[1-3]": "10.0.0.[1-2]"}',
      ['1:19 hosts.n[1-3]: 3 names, and 2 addresses: both need as many'],
    ],
    ['a port of text', 'hosts: {a: {port: ssh}}', ["1:19 hosts.a.port: must be a number, not 'ssh'"]],
    ['port 0', 'hosts: {a: {port: 0}}', ['1:19 hosts.a.port: must be at least 1, not 0']],
    [
      'a key that is not there',
      'hosts: [a]\ndefaults: {key: no-key}',
      [expect.stringMatching(/^2:17 defaults.key: no file .*\/no-key$/)],
    ],
    [
      'two sources of a password',
      'hosts: [a]\ndefaults: {passwordEnv: A, passwordFile: lab.yaml}',
      ['2:12 defaults.passwordEnv: there is also a passwordFile: one source is enough'],
    ],
    [
      'a password for a jump host',
      'hosts: [a]\ndefaults: {jump: "root:pw@gate"}',
      [
        "2:18 defaults.jump: 'root:pw@gate' is not a host or [user@]address[:port] (a password never stands in the inventory)",
      ],
    ],
    [
      'a group of nonsense, and what refers to it',
      "hosts: [a]\ngroups: {g: 5, h: ['@g', x]}\nclusters: {m: {members: '@g'}}",
      [
        "2:13 groups.g: must be text, a list, a map or empty, not the number 5 (put it in quotes: '5')",
        "2:26 groups.h[1]: no host 'x'",
      ],
    ],
    [
      'a group called all',
      'hosts: [a]\ngroups: {all: a}',
      ["2:10 groups.all: 'all' can't be a group's name ('all' already means every host)"],
    ],
    ['a group called like a host', 'hosts: [a]\ngroups: {a: a}', ["2:10 groups.a: 'a' is also the name of a host"]],
    [
      'a group for a host',
      'hosts: [a]\ngroups: {g: a, h: [g]}',
      ["2:20 groups.h[0]: no host 'g' (for the hosts of that group: '@g')"],
    ],
    [
      'groups in a circle',
      "hosts: [a]\ngroups: {g: '@h', h: ['@g', a]}",
      ['2:23 groups.h[0]: the groups go in a circle: g → h → g'],
    ],
    [
      'a control cluster that is not there',
      'hosts: [a]\nclusters: {main: {members: a}}\ncontrol: mian',
      ["3:10 control: no cluster 'mian' (did you mean 'main'?)"],
    ],
    [
      'a cluster without members',
      'hosts: [a]\nclusters: {main: {}}',
      ['2:12 clusters.main: has no members (list its hosts under members, or make a group etcd)'],
    ],
    [
      'a cluster of an empty list',
      'hosts: [a]\nclusters: {main: {members: [{}]}, here: {backend: local, members: []}}',
      [
        '2:12 clusters.main: has no members (list its hosts under members, or make a group etcd)',
        '2:35 clusters.here: has no members (members: 3)',
      ],
    ],
    [
      'ports beyond the last',
      'clusters: {m: {backend: local, members: 2, ports: {client: 65535}}}',
      ["1:41 clusters.m.members: 'member2' would get port 65537, and 65535 is the last"],
    ],
    [
      'a member on an unknown host',
      'hosts: [node1]\nclusters: {m: {members: [{name: x, host: node2}]}}',
      ["2:42 clusters.m.members[0].host: no host 'node2' (did you mean 'node1'?)"],
    ],
    [
      'a member twice',
      'hosts: [a, b]\nclusters: {m: {members: [{name: x, host: a}, {name: x, host: b}]}}',
      [
        "2:46 clusters.m.members[1]: member 'x' is there twice (two members on one host each need a name: {name: …, host: …})",
      ],
    ],
    [
      'a port twice on one host',
      'hosts: [a]\nclusters: {m: {members: [a, {name: x, host: a, peerPort: 9}]}}',
      ["2:29 clusters.m.members[1]: port 2379 on a is used by 'a' and 'x'"],
    ],
    [
      'one port for clients and peers',
      'hosts: [a]\nclusters: {m: {members: a, ports: {client: 5, peer: 5}}}',
      ["2:25 clusters.m.members: port 5 on a is used by 'a' twice"],
    ],
    [
      'a number of hosts',
      'hosts: [a]\nclusters: {m: {members: 3}}',
      ["2:25 clusters.m.members: must name hosts: a number is for backend local (members: '@etcd')"],
    ],
    [
      'half a version',
      'clusters: {m: {backend: local, version: 3.6}}',
      ["1:41 clusters.m.version: must be text, not the number 3.6 (put it in quotes: '3.6')"],
    ],
    [
      'a flag with dashes',
      'clusters: {m: {backend: local, flags: {--debug: true}}}',
      ['1:40 clusters.m.flags.--debug: flags are written without dashes (debug: …)'],
    ],
    [
      'half a client certificate',
      'clusters: {m: {backend: local, tls: {ca: lab.yaml, cert: lab.yaml, key: lab.yaml, clientKey: lab.yaml}}}',
      ["1:32 clusters.m.tls: clientCert is missing: a client's certificate and key go together"],
    ],
    [
      'a login without a password',
      'clusters: {m: {backend: local, auth: {user: root}}}',
      ['1:32 clusters.m.auth: no source of the password (give passwordFile or passwordEnv)'],
    ],
    [
      'a literal password for etcd',
      'clusters: {m: {backend: local, auth: {user: root, passwordEnv: A, password: x}}}',
      [
        '1:67 clusters.m.auth.password: unknown key (a password never stands in the inventory: name its source with passwordFile or passwordEnv)',
      ],
    ],
    ['a relative workDir', 'hosts: [a]\nworkDir: x', ['2:10 workDir: must be an absolute path']],
    [
      'a hosts file that is not there',
      'import: agents.conf',
      [expect.stringMatching(/^1:9 import: can't read .*agents.conf: ENOENT/)],
    ],
    ['the same key twice', 'hosts: {a: , b: }\nhosts: {c: }', ['2:1 the same key twice in one map']],
    [
      'tabs',
      'hosts:\n\ta: 10.0.0.1',
      [expect.stringMatching(/^2:1 not valid YAML: .*[Tt]ab.*\(indent with spaces\)$/)],
    ],
    [
      'a range without quotes in a list',
      'hosts: [node[1-3], b]',
      [expect.stringContaining("(inside [ ] or { }, a range needs quotes: 'node[1-3]')")],
    ],
    [
      'a group without quotes in a list',
      'hosts: [a]\ngroups:\n  g: @h',
      [expect.stringContaining("(a value that starts with one of @ ! * & % ` needs quotes: '@agents')")],
    ],
  ])('%s', async (_what, yaml, expected) => {
    expect(await problemsOf(write('lab.yaml', yaml))).toEqual(expected);
  });

  test('a hosts file with nonsense in it, with the lines of that file', async () => {
    write('agents.conf', '10.0.0.1\n10.0.0.2 10.0.0.3\n\n10.0.0.1\n');
    write('etcd.conf', '# nothing\n');
    expect(await problemsOf(write('lab.yaml', 'import: [agents.conf, etcd.conf]'))).toEqual([
      "agents.conf:2:1 '10.0.0.2 10.0.0.3' is not an address (one host name or IP address a line)",
      'agents.conf:4:1 10.0.0.1 is listed twice, first in line 1',
      'etcd.conf:1:1 lists no host (one host name or IP address a line)',
    ]);
  });

  test('a file that is not there', async () => {
    write('lab.yaml', 'hosts: [a]');
    expect(await problemsOf(join(dir, 'lba.yaml'))).toEqual([
      `lba.yaml no such inventory (did you mean ${join(dir, 'lab.yaml')}?)`,
    ]);
    expect(await problemsOf(join(dir, 'no/lab.yaml'))).toEqual([
      `no/lab.yaml no such inventory (there is no directory ${join(dir, 'no')})`,
    ]);
    expect(await problemsOf(dir)).toEqual([expect.stringMatching(/can't read the inventory: EISDIR/)]);
  });
});
