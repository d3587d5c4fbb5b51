import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inventoryJsonSchema } from './inventory-json-schema.ts';
import { loadInventory } from './load-inventory.ts';

function conf(name: string): string {
  return new URL(`../../../conf/${name}`, import.meta.url).pathname;
}

test('conf/inventory.schema.json is what the schema generates (else: node scripts/generate-schema.mjs)', () => {
  expect(JSON.parse(readFileSync(conf('inventory.schema.json'), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(inventoryJsonSchema())),
  );
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

test("the README's inventory is a good one", async () => {
  const readme = readFileSync(conf('../README.md'), 'utf8');
  const [, yaml] = /```yaml\n(.*?)```/s.exec(readme)!;
  const dir = mkdtempSync(join(tmpdir(), 'etcdperf-readme-'));
  try {
    writeFileSync(join(dir, 'lab.yaml'), yaml!);
    expect((await loadInventory(join(dir, 'lab.yaml'))).groups.get('etcd')).toEqual(['node1', 'node2', 'node3']);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
