import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadInventory } from '../config/index.ts';
import { labGroups, renderLabInventory } from './lab-inventory.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'etcdperf-lab-inventory-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const names = (count: number) => Array.from({ length: count }, (_, index) => `node${index + 1}`);

test.each([
  [1, { etcd: 1, masters: 1, agents: 1 }],
  [2, { etcd: 1, masters: 2, agents: 2 }],
  [3, { etcd: 3, masters: 3, agents: 3 }],
  [6, { etcd: 3, masters: 3, agents: 3 }],
  [50, { etcd: 3, masters: 3, agents: 44 }],
])('%i hosts are shared out', (count, sizes) => {
  const groups = labGroups(names(count));
  expect(Object.fromEntries(Object.entries(groups).map(([group, members]) => [group, members.length]))).toEqual(sizes);
});

test('from nine hosts on, masters do not share with etcd', () => {
  const groups = labGroups(names(9));
  expect(groups.masters).toEqual(['node4', 'node5', 'node6']);
  expect(groups.agents).toEqual(['node7', 'node8', 'node9']);
});

test('the inventory can be loaded', async () => {
  const hosts = names(6).map((name, index) => ({ name, address: `198.18.7.${11 + index}` }));
  for (const name of ['id_ed25519', 'known_hosts']) await writeFile(join(dir, name), '');
  const file = join(dir, 'inventory.yaml');
  await writeFile(file, renderLabInventory({ dir, subnet: '198.18.7', hosts, nofile: 16384 }));
  const inventory = await loadInventory(file);
  expect(inventory.hosts.map((host) => [host.name, host.address, host.user, host.keyFile])).toEqual(
    hosts.map((host) => [host.name, host.address, 'root', join(dir, 'id_ed25519')]),
  );
  expect(inventory.hosts[0]?.knownHostsFile).toBe(join(dir, 'known_hosts'));
  expect(inventory.clock.servers.map((server) => server.address)).toEqual(['198.18.7.2']);
  expect(inventory.clusters.get('main')?.members.map((member) => member.host)).toEqual(['node1', 'node2', 'node3']);
  expect(inventory.limits.nofile).toBe(16384);
});
