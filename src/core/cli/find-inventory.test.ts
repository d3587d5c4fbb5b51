import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findInventory } from './find-inventory.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-find-inventory-'));
  vi.stubEnv('XDG_STATE_HOME', folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

test('none where there never was a lab, and where the last one is gone', async () => {
  expect(await findInventory({})).toBeUndefined();
  await mkdir(join(folder, 'etcdperf/labs'), { recursive: true });
  expect(await findInventory({})).toBeUndefined();
});

test('none of a lab that does not run', async () => {
  const dir = join(folder, 'etcdperf/labs/gone');
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'lab.json'), JSON.stringify({ name: 'gone', phase: 'made', ephemeral: false, hosts: [] }));
  expect(await findInventory({})).toBeUndefined();
});

test('the one that is named, whatever else there is', async () => {
  const file = join(folder, 'mine.yaml');
  await writeFile(file, 'hosts:\n  one: 192.0.2.1\n');
  const inventory = await findInventory({ inventory: file });
  expect(inventory?.hosts.map(({ name }) => name)).toEqual(['one']);
});
