import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const KEYS = 5000;

let folder: string;
let source: TestCluster;
let target: TestCluster;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-backup-e2e-'));
  [source, target] = await Promise.all([startEtcd(), startEtcd()]);
});
afterAll(async () => {
  await Promise.all([source?.stop(), target?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const { NODE_ENV: _testing, ETCDPERF_INVENTORY: _inventory, ...env } = process.env;

function etcdperf(cluster: TestCluster, ...args: string[]) {
  return spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, ETCDPERF_ENDPOINTS: cluster.endpoints.join(',') },
  });
}

/** What the command answered with `--json`; its own words where it failed. */
function answerOf(cluster: TestCluster, ...args: string[]) {
  const { status, stdout, stderr } = etcdperf(cluster, ...args, '--json');
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

test('what is dumped while it is written to, and put into an empty cluster, is the same there', async () => {
  const fill = ['--total', `${KEYS}`, '--key-space-size', `${KEYS}`, '--sequential-keys', '--key-prefix', 'random/'];
  answerOf(source, 'bench:put', ...fill, '--val-size', '256', '--clients', '50', '--connections', '5');
  const load = spawn(
    process.execPath,
    [
      bin,
      ...'bench:put --rate 500 --duration 10m --key-prefix random/ --key-space-size 5000 --interval 100ms'.split(' '),
    ],
    { cwd: folder, env: { ...env, ETCDPERF_ENDPOINTS: source.endpoints.join(',') }, stdio: 'ignore' },
  );
  let dumped: { revision: number; keys: number };
  try {
    await using client = await WireClient.connect({ endpoints: source.endpoints });
    const before = (await client.range('random/')).header.revision;
    await expect
      .poll(async () => (await client.range('random/')).header.revision, { timeout: 60_000 })
      .toBeGreaterThan(before + 100);
    dumped = answerOf(source, 'backup:dump', 'random/', '--output', 'random.csv.gz');
    await expect
      .poll(async () => (await client.range('random/')).header.revision, { timeout: 60_000 })
      .toBeGreaterThan(dumped.revision + 100);
  } finally {
    load.kill('SIGINT');
    await once(load, 'exit');
  }
  expect(dumped.keys).toBe(KEYS);
  expect(answerOf(target, 'backup:verify', 'random.csv.gz').verdict.kind).toBe('whole');
  answerOf(target, 'backup:load', 'random.csv.gz');
  const atItsRevision = ['--revision-a', `${dumped.revision}`, '--prefix', 'random/'];
  const same = answerOf(source, 'backup:compare', source.endpoints[0]!, target.endpoints[0]!, ...atItsRevision);
  expect(same).toMatchObject({ isSame: true });
  expect(answerOf(target, 'backup:compare', 'random.csv.gz', target.endpoints[0]!)).toMatchObject({ isSame: true });
  // What was written behind its revision is not in it.
  const now = etcdperf(source, 'backup:compare', 'random.csv.gz', source.endpoints[0]!);
  expect(now.status).toBe(1);
  expect(now.stdout).toContain('changed');
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('what fills the database is told as a tree and as a page', () => {
  const { stdout, status } = etcdperf(source, 'backup:summary', '--html', 'summary.html');
  expect(status).toBe(0);
  expect(stdout).toContain('random/');
  expect(readdirSync(folder)).toContain('summary.html');
});

test('a typo, a cluster that is down, a file that is there: told, and nothing is touched', () => {
  const typo = etcdperf(source, 'backup:dump', '--filter', 'sise>5');
  expect(typo.status).toBe(2);
  expect(typo.stderr).toContain('sise');
  const there = etcdperf(source, 'backup:dump', '--output', 'random.csv.gz');
  expect(there.status).toBe(2);
  expect(there.stderr).toContain('random.csv.gz');
  const full = etcdperf(target, 'backup:load', 'random.csv.gz');
  expect(full.status).toBe(2);
  const down = spawnSync(process.execPath, [bin, 'backup:dump', '--endpoints', 'http://127.0.0.1:1', '-o', 'x.csv'], {
    cwd: folder,
    encoding: 'utf8',
    env,
  });
  expect(down.status).toBe(1);
  expect(down.stderr).toContain('http://127.0.0.1:1');
  expect(readdirSync(folder)).not.toContain('x.csv');
});
