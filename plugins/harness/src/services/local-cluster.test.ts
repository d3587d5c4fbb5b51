import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadInventory } from '@etcdperf/core/config';
import { findCluster, findOrPlanCluster, listLocalClusters, localClusterDir } from '@etcdperf/core/etcd';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { renderClusterStatus, size } from '../render/cluster-status.ts';
import { renderDeleteReport } from '../render/delete-report.ts';
import { renderDeployReport } from '../render/deploy-report.ts';
import { deleteFound } from './delete.ts';
import { deploy } from './deploy.ts';
import { openStatus } from './status/open-status.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-harness-'));
  vi.stubEnv('ETCDPERF_STATE_DIR', join(folder, 'state'));
});

afterEach(async () => {
  for (const name of await listLocalClusters())
    await deleteFound(await findCluster({ inventory: undefined, name }), { foreignData: true, yes: true });
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const here = { inventory: undefined, backend: 'local' } as const;

describe('a cluster on this machine, without an inventory', () => {
  test('later commands find it; when it is deleted nothing is left', async () => {
    const planned = await findOrPlanCluster({ ...here, members: 1 });
    const dry = await deploy(planned, { dryRun: true });
    expect(renderDeployReport(dry)).toMatch(
      /this would be done\n\nMEMBER .*\nmember1 .* would start .*\n\nmember1 on localhost:\n {2}etcd --name=member1 --data-dir=/,
    );
    expect(await listLocalClusters()).toEqual([]);

    const report = await deploy(planned, {});
    expect(renderDeployReport(report)).toMatch(/^cluster local \(etcd [\d.]+\) deployed in [\d.]+ s, member1 leads\n/);
    expect(await listLocalClusters()).toEqual(['local']);

    const again = await deploy(await findOrPlanCluster({ ...here, members: 1 }), {});
    expect(renderDeployReport(again)).toContain('runs as wanted, nothing was changed');
    expect(again.endpoints).toEqual(report.endpoints);
    await expect(findOrPlanCluster({ ...here, members: 3 })).rejects.toThrow(/is there, with 1 members/);

    await using own = await openStatus({ kind: 'found', found: await findCluster({ inventory: undefined }) });
    const status = await own.look();
    expect(status.healthy).toBe(true);
    expect(renderClusterStatus(status)).toMatch(
      /^cluster local: healthy, member1 leads, etcd [\d.]+, term 2, revision 1\n/,
    );
    expect(renderClusterStatus(status)).toMatch(/\nMEMBER +ENDPOINT +HOST +PROCESS/);
    await using others = await openStatus({ kind: 'at', access: { endpoints: report.endpoints } });
    const bare = await others.look();
    expect(bare).toMatchObject({ healthy: true, cluster: undefined, leader: 'member1' });
    expect(renderClusterStatus(bare)).not.toContain('HOST');

    const local = await findCluster({ inventory: undefined, name: 'local' });
    await expect(deleteFound(local, {})).rejects.toMatchObject({
      message: 'the data of 1 member of cluster local would be lost',
      hint: 'nothing was touched; --yes does it without a question',
    });
    const prompt = { confirm: async () => false, secret: async () => '' };
    await expect(deleteFound(local, { prompt })).rejects.toMatchObject({ hint: 'nothing was touched', exitCode: 2 });
    expect((await deploy(planned, {})).outcome.kind).toBe('unchanged');
    const gone = await deleteFound(local, { prompt: { ...prompt, confirm: async () => true } });
    expect(renderDeleteReport(gone)).toMatch(/member1 +localhost +removed +process, data/);
    expect(existsSync(localClusterDir('local'))).toBe(false);
    await expect(findCluster({ inventory: undefined })).rejects.toMatchObject({
      message: 'there is no cluster',
      exitCode: 2,
    });
  });

  test('one that is refused is not remembered, and what was there stays', async () => {
    const planned = await findOrPlanCluster({ ...here, name: 'taken', members: 1 });
    const data = join(localClusterDir('taken'), 'etcd', 'taken', 'member1', 'member');
    mkdirSync(data, { recursive: true });
    const report = await deploy(planned, {});
    expect(renderDeployReport(report)).toMatch(
      /not deployed: 1 of 1 .*\n.*\n.*\n\nmember1 on localhost: .*did not start/s,
    );
    expect(existsSync(data)).toBe(true);
    expect(await listLocalClusters()).toEqual([]);
  });
});

describe('which cluster is meant', () => {
  const inventory = async (text: string) => {
    const file = join(folder, 'inventory.yaml');
    writeFileSync(file, text);
    return loadInventory(file);
  };

  test('the only one of the inventory, or the named one', async () => {
    const one = await inventory('clusters: {a: {backend: local, members: 1}}');
    expect((await findCluster({ inventory: one })).config.name).toBe('a');
    const two = await inventory('clusters: {a: {backend: local}, b: {backend: local}}');
    expect((await findCluster({ inventory: two, name: 'b' })).config.name).toBe('b');
    await expect(findCluster({ inventory: two })).rejects.toThrow('which cluster? The inventory has a, b');
    await expect(findCluster({ inventory: two, name: 'c' })).rejects.toThrow("there is no cluster 'c'");
  });

  test('settings that the inventory makes are not taken from flags', async () => {
    const one = await inventory('clusters: {a: {backend: local, members: 1, version: 3.6.1}}');
    await expect(findOrPlanCluster({ inventory: one, members: 3 })).rejects.toMatchObject({ where: '--members' });
    await expect(findOrPlanCluster({ inventory: one, version: '3.5.0' })).rejects.toMatchObject({
      where: '--etcd-version',
    });
    await expect(findOrPlanCluster({ ...here, name: 'No Good' })).rejects.toThrow("can't be a cluster's name");
    await expect(findOrPlanCluster({ inventory: undefined })).rejects.toMatchObject({
      hint: expect.stringContaining('--backend local'),
    });
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [20_480, '20.0 KiB'],
  [2_147_483_648, '2.00 GiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
