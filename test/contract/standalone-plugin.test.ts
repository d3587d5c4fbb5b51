import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startEtcd } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PackageRegistry, servePackages } from './package-registry.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

let folder: string;
let registry: PackageRegistry;
let election: string;
let bench: string;
let driver: string;
let backup: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-standalone-'));
  const core = await pack('src/core');
  election = (await pack('plugins/election')).tarball;
  bench = (await pack('plugins/bench')).tarball;
  driver = (await pack('plugins/driver')).tarball;
  backup = (await pack('plugins/backup')).tarball;
  const host = await pack('.');
  registry = await servePackages([core]);
  await mkdir(join(folder, 'prefix'));
  await writeFile(join(folder, 'npmrc'), `@etcdperf:registry=${registry.url}\naudit=false\nfund=false\n`);
  // Of the test's own environment, what a user does not have.
  const { ETCDPERF_INVENTORY: _inventory, NODE_ENV: _testing, ...rest } = process.env;
  env = {
    ...rest,
    HOME: folder,
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    // The cache keeps its place: it holds etcd.
    ETCDPERF_CACHE_DIR: process.env.ETCDPERF_CACHE_DIR ?? join(process.env.HOME ?? '', '.cache/etcdperf'),
    npm_config_userconfig: join(folder, 'npmrc'),
    npm_config_cache: (await run('npm', ['config', 'get', 'cache'])).stdout.trim(),
    PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
  };
  await run('npm', ['install', '--no-save', '--prefix', join(folder, 'prefix'), host.tarball], { env, cwd: folder });
}, 300_000);

afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('a host alone knows neither elections nor benchmarks, drivers nor backups', async () => {
  const { stdout } = await etcdperf('--help');
  expect(stdout).toContain('hosts');
  expect(stdout).not.toContain('election');
  expect(stdout).not.toContain('bench');
  expect(stdout).not.toContain('driver');
  expect(stdout).not.toContain('backup');
});

test('with the election plugin added it runs an election', { timeout: 300_000 }, async () => {
  await etcdperf('plugins', 'install', `file:${election}`);
  expect((await etcdperf('election:failover', '--help')).stdout).toContain('--agents');

  const args = ['--candidates', '2', '--agents', '10', '--rounds', '1', '--json'];
  const { stdout } = await etcdperf('election:failover', ...args);
  const result = JSON.parse(stdout) as { agents: { lost: number }; rounds: { obtained: { count: number } }[] };
  expect(result.agents.lost).toBe(0);
  expect(result.rounds.map((round) => round.obtained.count)).toEqual([10]);
});

test('with the bench plugin added it runs a benchmark, in worker threads too', { timeout: 300_000 }, async () => {
  await etcdperf('plugins', 'install', `file:${bench}`);
  await using cluster = await startEtcd();
  const args = ['--endpoints', ...cluster.endpoints, '--total=300', '--connections=2', '--clients=4', '--threads=2'];
  const { series } = JSON.parse((await etcdperf('bench:put', ...args, '--json')).stdout) as {
    series: { ok: number }[];
  };
  expect(series.map(({ ok }) => ok)).toEqual([300]);
});

test('with the driver plugin added it runs a workload that came along with it', { timeout: 300_000 }, async () => {
  await etcdperf('plugins', 'install', `file:${driver}`);
  await using cluster = await startEtcd();
  const keys = ['--workload', 'rules-engine', '--pattern', '/r/:ip/%a-%d[2]/%b-%d[2]/:actual_desired/%c-%d[5];#50'];
  const args = ['--endpoints', ...cluster.endpoints, '--ip', '10.0.0.1', '--duration', '1s', '--verify', '--json'];
  const { verification } = JSON.parse((await etcdperf('driver:run', ...keys, ...args)).stdout);
  expect(verification).toMatchObject({ verdict: 'clean', ofKeys: 40 });
});

test('with the backup plugin added, what is dumped can be put back', { timeout: 300_000 }, async () => {
  await etcdperf('plugins', 'install', `file:${backup}`);
  await using cluster = await startEtcd();
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  for (const key of ['/a', '/b', '/b/\0\xff']) await client.put(Buffer.from(key, 'latin1'), `of ${key}`);
  const at = ['--endpoints', ...cluster.endpoints, '--json'];
  expect(JSON.parse((await etcdperf('backup:dump', '--output', 'all.csv.gz', ...at)).stdout).keys).toBe(3);
  await client.deleteRange('/b', { prefix: true });
  await etcdperf('backup:load', 'all.csv.gz', '--only-missing', ...at);
  const { stdout } = await etcdperf('backup:compare', 'all.csv.gz', ...cluster.endpoints, '--json');
  expect(JSON.parse(stdout).isSame).toBe(true);
});

async function etcdperf(...args: string[]) {
  const program = join(folder, 'prefix/node_modules/.bin/etcdperf');
  return run(program, args, { env, cwd: folder, maxBuffer: 1 << 26 }).catch((error) => {
    throw new Error(`${error.message}${error.stdout}`);
  });
}

async function pack(workspace: string) {
  const manifest = JSON.parse(await readFile(join(root, workspace, 'package.json'), 'utf8'));
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: join(root, workspace),
  });
  const packed: unknown = JSON.parse(stdout);
  // npm 11 prints a list, newer ones an object by name.
  const { filename } = (Array.isArray(packed) ? packed[0] : Object.values(packed as object)[0]) as { filename: string };
  return { manifest, tarball: join(folder, filename) };
}
