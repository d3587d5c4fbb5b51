import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Executor, LocalExecutor, type RunOptions } from '../ssh/index.ts';
import { ensureRuntime, probeRuntime } from './index.ts';

const here = new LocalExecutor();
/** This machine, taken for another one that has no node of its own. */
const bare = {
  name: 'remote',
  kind: 'ssh',
  push: here.push.bind(here),
  script: (source: string, args: readonly string[] = [], options: RunOptions = {}) =>
    here.script(source.replace('"$(command -v node)" /usr/local/bin/node', ''), args, options),
} as unknown as Executor;

/** Packing node takes seconds: once is enough. */
const cache = mkdtempSync(join(tmpdir(), 'etcdperf-runtime-cache-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

let folder: string;
let workDir: string;
let bundle: { name: string; path: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-runtime-'));
  workDir = join(folder, 'work');
  bundle = { name: 'hello', path: join(folder, 'source.js') };
  writeFileSync(bundle.path, 'console.log("hello");\n');
  vi.stubEnv('ETCDPERF_CACHE_DIR', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('this machine needs nothing', async () => {
  const runtime = await ensureRuntime(here, workDir, [bundle]);
  expect(runtime).toMatchObject({ node: process.execPath, bundles: { hello: bundle.path }, changed: false });
});

test('a host that has nothing gets a node that runs, and bundles; then nothing is sent again', async () => {
  expect(await probeRuntime(bare, workDir)).toEqual({ platform: process.platform, arch: process.arch });
  const first = await ensureRuntime(bare, workDir, [bundle]);
  expect(first).toMatchObject({ node: `${workDir}/bin/node`, nodeVersion: process.version, changed: true });
  expect(readFileSync(first.bundles.hello!, 'utf8')).toBe('console.log("hello");\n');
  const { stdout } = await here.run([first.node, '--version']);
  expect(stdout.trim()).toBe(process.version);
  expect(await readdir(join(workDir, 'bin'))).toEqual(['node']);
  const { mtimeMs } = await stat(first.node);
  expect(await ensureRuntime(bare, workDir, [bundle])).toEqual({ ...first, changed: false });
  expect((await stat(first.node)).mtimeMs).toBe(mtimeMs);
  writeFileSync(bundle.path, 'console.log("other");\n');
  expect((await ensureRuntime(bare, workDir, [bundle])).changed).toBe(true);
});

test('a folder that cannot be written to is said, with the host', async () => {
  await expect(ensureRuntime(bare, '/proc/nowhere', [])).rejects.toMatchObject({ where: 'remote', exitCode: 1 });
});
