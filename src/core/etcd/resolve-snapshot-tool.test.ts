import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { releaseName } from './etcd-platform.ts';
import { resolveSnapshotTool } from './resolve-snapshot-tool.ts';

let folder: string;
let env: Record<string, string>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-tool-'));
  env = { ETCDPERF_CACHE_DIR: join(folder, 'cache'), PATH: join(folder, 'bin') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, version: string): string {
  return `#!/bin/sh\necho "${name} version: ${version}"\n`;
}

function executable(file: string, content: string): string {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return file;
}

const nowhere = 'http://127.0.0.1:1';
const resolve = (version: string, baseUrl = nowhere) => resolveSnapshotTool({ version, env, baseUrl });

test('beside the etcd that is named, in the cache, in PATH: in this order; one of another series is passed over', async () => {
  const inPath = executable(join(folder, 'bin', 'etcdutl'), program('etcdutl', '3.6.2'));
  expect(await resolve('3.6.1')).toEqual({ path: inPath, program: 'etcdutl' });
  await expect(resolve('3.5.9')).rejects.toMatchObject({ exitCode: 1 });
  const cached = executable(join(folder, 'cache/etcd/3.6.1/etcdutl'), program('etcdutl', '3.6.1'));
  expect(await resolve('3.6.1')).toEqual({ path: cached, program: 'etcdutl' });
  env.ETCDPERF_ETCD = join(folder, 'mine', 'etcd');
  executable(join(folder, 'mine', 'etcdutl'), program('etcdutl', '3.5.1'));
  expect(await resolve('3.6.1')).toEqual({ path: cached, program: 'etcdutl' });
  const own = executable(join(folder, 'mine', 'etcdutl'), program('etcdutl', '3.6.0'));
  expect(await resolve('3.6.1')).toEqual({ path: own, program: 'etcdutl' });
});

test('etcd 3.4 has its etcdctl for it', async () => {
  const path = executable(join(folder, 'bin', 'etcdctl'), program('etcdctl', '3.4.30'));
  expect(await resolve('3.4.23')).toEqual({ path, program: 'etcdctl' });
});

test('the official release has it: downloaded, verified, beside an etcd that stays as it is', async () => {
  const name = releaseName('3.6.1', { platform: process.platform, arch: process.arch });
  for (const one of ['etcd', 'etcdctl', 'etcdutl'])
    executable(join(folder, 'release', name, one), program(one, '3.6.1'));
  const archive = execFileSync('tar', ['-cz', '-C', join(folder, 'release'), name]);
  const sums = `${createHash('sha256').update(archive).digest('hex')}  ${name}.tar.gz\n`;
  await using server = createServer((request, response) => {
    response.end(request.url?.endsWith('/SHA256SUMS') ? sums : archive);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const cache = join(folder, 'cache', 'etcd', '3.6.1');
  const etcd = executable(join(cache, 'etcd'), 'of my own');
  const found = await resolve('3.6.1', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect(found).toEqual({ path: join(cache, 'etcdutl'), program: 'etcdutl' });
  expect(readFileSync(etcd, 'utf8')).toBe('of my own');
  expect(readdirSync(cache).sort()).toEqual(['etcd', 'etcdctl', 'etcdutl']);
});
