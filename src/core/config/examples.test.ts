import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { completeWorkload } from '../workload/index.ts';
import { inventoryJsonSchema } from './inventory-json-schema.ts';
import { loadInventory } from './load-inventory.ts';
import { loadWorkload } from './load-workload.ts';
import { workloadJsonSchema } from './workload-json-schema.ts';

function conf(name: string): string {
  return new URL(`../../../conf/${name}`, import.meta.url).pathname;
}

test.each([
  ['inventory.schema.json', inventoryJsonSchema()],
  ['workload.schema.json', workloadJsonSchema()],
])('conf/%s is what the schema generates (else: node scripts/generate-schema.mjs)', (name, schema) => {
  expect(JSON.parse(readFileSync(conf(name), 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
});

test.each(readdirSync(conf('workloads')))('the workload %s is a good one, and names the schema', async (name) => {
  const path = conf(`workloads/${name}`);
  expect(completeWorkload(await loadWorkload(path)).pattern).toContain(':ip');
  expect(readFileSync(path, 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=\.\.\/workload\.schema\.json\ndescription: /,
  );
});

test("the simulator's workload has the rates that its pods had", async () => {
  const workload = completeWorkload(await loadWorkload('armada-etcd-simulator', conf('workloads')));
  expect(workload).toMatchObject({
    valueBytes: { min: 10, max: 30 },
    clients: 20,
    connections: 20,
    load: { ratePerSec: 244_316 / 3600 },
    valueChurn: { ratePerSec: 7920 / 3600 },
    subtreeChurn: { level: 5, percent: 5, ratePerSec: 250 / 3600 },
    reads: { level: 7, ratePerSec: 450_000 / 3600 },
    watches: { prefix: true, rereadIntervalMs: 30_000 },
    leases: { count: 5000, ttlSeconds: 2000 },
  });
});

test('the example inventory is a good one, and names the schema', async () => {
  const { hosts, clusters } = await loadInventory(conf('inventory.yaml'));
  expect(hosts).toHaveLength(7);
  expect(clusters.get('main')?.members.map(({ host }) => host)).toEqual(['node1', 'node2', 'node3']);
  expect(readFileSync(conf('inventory.yaml'), 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=\.\/inventory\.schema\.json\n/,
  );
});

test('the example hosts file is a good one, and the election payload has about 1 KB', async () => {
  expect((await loadInventory(conf('agent-ips.conf'))).groups.get('agents')).toHaveLength(4);
  expect(readFileSync(conf('election-payload.conf'))).toHaveLength(1024);
});

test('the workload of docs/driver.md is a good one', async () => {
  const [, yaml] = /```yaml\n(.*?)```/s.exec(readFileSync(conf('../docs/driver.md'), 'utf8'))!;
  const dir = mkdtempSync(join(tmpdir(), 'etcdperf-docs-'));
  try {
    writeFileSync(join(dir, 'load.yaml'), yaml!);
    const said = await loadWorkload(join(dir, 'load.yaml'));
    // All that a workload can say is shown there.
    expect(Object.values(said).filter((part) => part === undefined)).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("the README's inventories are good ones", async () => {
  const readme = readFileSync(conf('../README.md'), 'utf8');
  const dir = mkdtempSync(join(tmpdir(), 'etcdperf-readme-'));
  try {
    const inventories = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(async ([, yaml], index) => {
      writeFileSync(join(dir, `${index}.yaml`), yaml!);
      return loadInventory(join(dir, `${index}.yaml`));
    });
    const [onKubernetes, onHosts] = await Promise.all(inventories);
    expect(onKubernetes?.clusters.get('etcd-5node')?.backend).toBe('statefulset');
    expect(onHosts?.groups.get('etcd')).toEqual(['node1', 'node2', 'node3']);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('the cluster on NFS of conf/kubernetes-nfs.yaml has its members apart, and patience', async () => {
  const { clusters } = await loadInventory(conf('kubernetes-nfs.yaml'));
  expect(clusters.get('etcd-nfs')).toMatchObject({
    members: { length: 5 },
    flags: { 'election-timeout': 15_000, 'heartbeat-interval': 100 },
    kubernetes: { antiAffinity: 'required', storage: { kind: 'nfs' } },
  });
});
