import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InterruptedError } from '../errors/index.ts';
import { openCluster } from './control-client.ts';
import { readLocalCluster, startLocalCluster } from './local-cluster.ts';

const LONG = { timeout: 30_000, interval: 50 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-local-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const isAlive = (pid: number) => existsSync(`/proc/${pid}/exe`);

test('a cluster of three starts, is found by others, and leaves nothing', async () => {
  const dir = join(folder, 'cluster');
  let pids: number[] = [];
  {
    await using cluster = await startLocalCluster({ dir, flags: { 'heartbeat-interval': 50 } });
    expect(cluster.endpoints).toHaveLength(3);
    pids = cluster.members.map((member) => member.pid);
    expect(pids.every(isAlive)).toBe(true);
    expect((await readLocalCluster(dir))?.flags).toEqual({ 'heartbeat-interval': 50 });

    using client = openCluster(cluster.access);
    expect((await client.health()).healthy).toBe(true);
    await client.put('key', 'value');
    expect(String(await client.get('key'))).toBe('value');
    expect((await client.members()).map((member) => member.name).sort()).toEqual(['member1', 'member2', 'member3']);

    await cluster.kill('member2', 'SIGKILL');
    await vi.waitFor(async () => {
      const health = await client.health();
      expect(health.problems).toHaveLength(1);
      expect(health.problems[0]).toContain(cluster.endpoints[1]);
    }, LONG);
  }
  expect(pids.some(isAlive)).toBe(false);
  expect(existsSync(dir)).toBe(false);
});

test('what can not start says why in etcd’s own words, and leaves nothing', async () => {
  const dir = join(folder, 'cluster');
  await expect(startLocalCluster({ dir, members: 1, flags: { 'no-such-flag': 'x' } })).rejects.toThrow(
    /flag provided but not defined: -no-such-flag/,
  );
  expect(existsSync(dir)).toBe(false);
  await expect(startLocalCluster({ dir, members: 0 })).rejects.toMatchObject({ exitCode: 2 });
});

test('Ctrl-C while it starts leaves nothing', async () => {
  const dir = join(folder, 'cluster');
  const controller = new AbortController();
  const onStep = (text: string) => {
    if (text.startsWith('starting')) controller.abort(new InterruptedError());
  };
  await expect(startLocalCluster({ dir, onStep, signal: controller.signal })).rejects.toBeInstanceOf(InterruptedError);
  expect(existsSync(dir)).toBe(false);
});
