import { tmpdir } from 'node:os';
import type { Inventory, InventoryHost } from '@etcdperf/core/config';
import { LocalExecutor } from '@etcdperf/core/ssh';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assessHost } from './assess-host.ts';
import { planChrony } from './chrony-config.ts';
import { gatherFacts, type HostFacts, parseFacts } from './host-facts.ts';

describe('facts', () => {
  test('of this machine', async () => {
    const facts = await gatherFacts(new LocalExecutor(), `${tmpdir()}/etcdperf-nowhere/deeper`);
    expect(facts).toMatchObject({ root: process.getuid?.() === 0, daemons: [], etcd: [], prepared: false });
    expect(facts.cpus).toBeGreaterThan(0);
    expect(facts.memoryBytes).toBeGreaterThan(2 ** 20);
    expect(facts.diskFreeBytes).toBeGreaterThanOrEqual(0);
    expect(facts.limits.nofile).toBeGreaterThan(0);
    expect(facts.tools).toContain('setsid');
  });

  test('any text is either facts or none', () => {
    fc.assert(fc.property(fc.string(), (text) => parseFacts(text) === undefined));
    expect(parseFacts('kernel 6.1\nmemory 1024\nnofile unlimited\nnode v9.1.0\nnode v24.0.0\n')).toMatchObject({
      memoryBytes: 2 ** 20,
      limits: { nofile: Number.POSITIVE_INFINITY },
      node: 'v24.0.0',
    });
  });
});

const host = (name: string, ...groups: string[]): InventoryHost => ({ name, address: name, become: 'none', groups });
const inventory = {
  hosts: [host('a', 'etcd'), host('b', 'agents')],
  groups: new Map([['agents', ['b']]]),
  clusters: new Map([
    ['main', { backend: 'hosts', version: '3.6.16', members: [{ name: 'a', host: 'a', clientPort: 1, peerPort: 2 }] }],
  ]),
  clock: { source: 'chrony', servers: [{ address: 'a.lan', host: 'a' }, { address: '192.0.2.1' }], maxOffsetMs: 20 },
  limits: { nofile: 4096, nproc: 4096, sysctls: {} },
  workDir: '/var/lib/etcdperf',
} as unknown as Inventory;

const good: HostFacts = {
  ...{ os: 'Debian', kernel: '6.1', arch: 'x86_64', cpus: 2, memoryBytes: 2 ** 32, diskFreeBytes: 2 ** 32 },
  ...{ user: 'root', root: true, sudo: true, systemd: true, daemons: [], prepared: true },
  limits: { nofile: 65536, nproc: 65536 },
  tools: ['setsid', 'flock', 'gzip', 'sha256sum', 'chronyd'],
  node: 'v24.1.0',
  etcd: ['3.6.16'],
};

describe('what is missing', () => {
  const [a, b] = inventory.hosts as [InventoryHost, InventoryHost];
  const assess = (change: Partial<HostFacts>, which = a) => assessHost({ ...good, ...change }, inventory, which);

  test('nothing', () => expect(assess({})).toEqual({ problems: [], missing: [] }));
  test('depends on the role', () => {
    expect(assess({ node: 'v9.0.0', etcd: ['3.5.0'] }).missing).toEqual(['etcd 3.6.16']);
    expect(assess({ node: 'v9.0.0', etcd: [] }, b).missing).toEqual(['node 22.19 (has v9.0.0)']);
  });
  test('what hosts:init cannot supply is a problem', () => {
    expect(assess({ tools: ['flock', 'gzip', 'sha256sum', 'chronyd'] }).problems).toEqual(['without setsid']);
    expect(assess({ root: false, user: 'joe', sudo: false, prepared: false }).problems).toEqual([
      'joe is not root, and has no sudo',
    ]);
    expect(assess({ diskFreeBytes: 2 ** 20, etcd: [] }).problems).toEqual(['1 MiB free for /var/lib/etcdperf']);
    expect(assess({ diskFreeBytes: 2 ** 20 }).problems).toEqual([]);
  });
});

describe("chrony's configuration", () => {
  test('hosts follow the servers; a server that is a host serves, and does not follow itself', () => {
    const [a, b] = inventory.hosts as [InventoryHost, InventoryHost];
    const server = planChrony(inventory, a)!;
    expect(server.servers).toEqual(['192.0.2.1']);
    expect(server.config).toMatch(/^local stratum 8\nallow$/m);
    const follower = planChrony(inventory, b)!;
    expect(follower.servers).toEqual(['a.lan', '192.0.2.1']);
    expect(follower.config).toContain('server a.lan iburst minpoll 0 maxpoll 6\nserver 192.0.2.1 iburst maxpoll 6\n');
    expect(follower.config).not.toContain('allow');
  });

  test('is left alone where the inventory names no servers', () => {
    const clock = { ...inventory.clock, servers: [] };
    expect(planChrony({ ...inventory, clock }, inventory.hosts[0]!)).toBeUndefined();
  });
});
