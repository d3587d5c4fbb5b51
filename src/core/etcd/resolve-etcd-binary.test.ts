import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InterruptedError } from '../errors/index.ts';
import { checksumOf } from './download-etcd.ts';
import { archOfUname, isBuiltFor, releaseName } from './etcd-platform.ts';
import { resolveEtcdBinary } from './resolve-etcd-binary.ts';

const here = { platform: process.platform, arch: process.arch };
const program = (version: string) => `#!/bin/sh\necho "etcd Version: ${version}"\n`;

let folder: string;
let env: Record<string, string>;
let server: Server;
let baseUrl: string;
/** What the release server has; `cut` sends half of a file and hangs up, `hang` sends half and waits. */
let served: Map<string, { body: Buffer; how?: 'cut' | 'hang' }>;
let requests: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-binary-'));
  env = { ETCDPERF_CACHE_DIR: join(folder, 'cache'), PATH: join(folder, 'bin') };
  served = new Map();
  requests = [];
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const found = served.get(request.url ?? '');
    if (found === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': found.body.length });
    if (found.how === undefined) return void response.end(found.body);
    response.write(found.body.subarray(0, found.body.length / 2), () => {
      if (found.how === 'cut') response.destroy();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a release on the server, as the official ones are laid out. */
function release(version: string, machine = here): { archive: string; sums: string } {
  const name = releaseName(version, machine);
  const made = join(folder, 'release', name);
  mkdirSync(made, { recursive: true });
  writeFileSync(join(made, 'etcd'), program(version));
  writeFileSync(join(made, 'etcdctl'), program(version));
  writeFileSync(join(made, 'README.md'), 'not this one');
  const body = execFileSync('tar', ['-cz', '-C', join(folder, 'release'), name]);
  const archive = `/v${version}/${name}.tar.gz`;
  const sums = `/v${version}/SHA256SUMS`;
  const sum = createHash('sha256').update(body).digest('hex');
  served.set(archive, { body });
  served.set(sums, { body: Buffer.from(`${'0'.repeat(64)}  another.tar.gz\n${sum}  ${name}.tar.gz\n`) });
  return { archive, sums };
}

function executable(file: string, version: string): string {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, program(version));
  chmodSync(file, 0o755);
  return file;
}

const resolve = (options: Parameters<typeof resolveEtcdBinary>[0] = {}) =>
  resolveEtcdBinary({ baseUrl, env, ...options });
const leftovers = (version: string) => readdirSync(join(folder, 'cache', 'etcd', version));

describe('where it is found', () => {
  test('named, environment, cache, PATH: in this order', async () => {
    const inPath = executable(join(folder, 'bin', 'etcd'), '3.5.1');
    expect(await resolve({ version: '3.5.1' })).toEqual({ path: inPath, version: '3.5.1', source: 'path' });
    expect(await resolve()).toEqual({ path: inPath, version: '3.5.1', source: 'path' });
    const cached = executable(join(folder, 'cache', 'etcd', '3.5.1', 'etcd'), '3.5.1');
    expect(await resolve({ version: '3.5.1' })).toEqual({ path: cached, version: '3.5.1', source: 'cache' });
    env.ETCDPERF_ETCD = executable(join(folder, 'mine'), '3.5.1');
    expect(await resolve({ version: 'v3.5.1' })).toMatchObject({ path: env.ETCDPERF_ETCD, source: 'env' });
    const flag = executable(join(folder, 'flag'), '3.5.1');
    expect(await resolve({ binary: flag })).toMatchObject({ path: flag, version: '3.5.1', source: 'flag' });
    expect(requests).toEqual([]);
  });

  test('an etcd of another version in PATH is passed over', async () => {
    executable(join(folder, 'bin', 'etcd'), '3.4.0');
    release('3.6.1');
    expect(await resolve({ version: '3.6.1' })).toMatchObject({ source: 'download', version: '3.6.1' });
  });

  test('a named binary of another version is refused, never silently run', async () => {
    env.ETCDPERF_ETCD = executable(join(folder, 'mine'), '3.5.1');
    await expect(resolve({ version: '3.6.1' })).rejects.toThrow(/is etcd 3\.5\.1, but 3\.6\.1 is asked for/);
    env.ETCDPERF_ETCD = '/nowhere/etcd';
    await expect(resolve()).rejects.toMatchObject({ exitCode: 2 });
    env.ETCDPERF_ETCD = '/bin/true';
    await expect(resolve()).rejects.toThrow(/is not etcd/);
  });
});

describe('download', () => {
  test('a verified release lands in the cache, executable, and is found there again', async () => {
    release('3.6.1');
    const found = await resolve({ version: '3.6.1' });
    expect(found.source).toBe('download');
    expect(execFileSync(found.path, { encoding: 'utf8' })).toBe('etcd Version: 3.6.1\n');
    expect(leftovers('3.6.1')).toEqual(['etcd', 'etcdctl']);
    expect(await resolve({ version: '3.6.1' })).toMatchObject({ source: 'cache', path: found.path });
    expect(requests).toHaveLength(2);
  });

  test('two at once both get it, by one download; a lock that a killed process left is no obstacle', async () => {
    release('3.6.1');
    mkdirSync(join(folder, 'cache', 'etcd', '3.6.1'), { recursive: true });
    writeFileSync(join(folder, 'cache', 'etcd', '3.6.1', '.lock'), '4194304');
    const both = await Promise.all([resolve({ version: '3.6.1' }), resolve({ version: '3.6.1' })]);
    expect(both[0].path).toBe(both[1].path);
    expect(both.map((found) => found.source).sort()).toEqual(['cache', 'download']);
    expect(requests).toHaveLength(2);
    expect(leftovers('3.6.1')).toEqual(['etcd', 'etcdctl']);
  });

  test.each<[string, (made: ReturnType<typeof release>) => void, RegExp]>([
    ['a wrong checksum', ({ archive }) => served.set(archive, { body: Buffer.from('tampered') }), /wrong checksum/],
    ['a cut connection', ({ archive }) => (served.get(archive)!.how = 'cut'), /can't download etcd/],
    ['no such version', ({ sums }) => served.delete(sums), /answered 404/],
    ['no such archive', ({ archive }) => served.delete(archive), /answered 404/],
    ['sums without it', ({ sums }) => served.set(sums, { body: Buffer.from('\n') }), /SHA256SUMS has no etcd-v3/],
  ])('%s: nothing is unpacked, nothing stays', async (_, spoil, message) => {
    const made = release('3.6.1');
    spoil(made);
    const failure = resolve({ version: '3.6.1' });
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ exitCode: 1, where: expect.stringContaining(baseUrl) });
    expect(leftovers('3.6.1')).toEqual([]);
  });

  test('a server that is not there is told with its address', async () => {
    const dead = 'http://127.0.0.1:1';
    await expect(resolve({ version: '3.6.1', baseUrl: dead })).rejects.toMatchObject({
      exitCode: 1,
      where: `${dead}/v3.6.1/SHA256SUMS`,
    });
  });

  test('Ctrl-C ends it', async () => {
    const made = release('3.6.1');
    served.get(made.archive)!.how = 'hang';
    const controller = new AbortController();
    const failure = expect(resolve({ version: '3.6.1', signal: controller.signal })).rejects.toBeInstanceOf(
      InterruptedError,
    );
    await expect.poll(() => requests).toContain(made.archive);
    controller.abort(new InterruptedError());
    await failure;
    expect(leftovers('3.6.1')).toEqual([]);
  });

  test('for a machine of another kind neither PATH nor a foreign ETCDPERF_ETCD is taken', async () => {
    const arch = process.arch === 'arm64' ? 'x64' : 'arm64';
    release('3.6.1', { platform: 'linux', arch });
    executable(join(folder, 'bin', 'etcd'), '3.6.1');
    env.ETCDPERF_ETCD = executable(join(folder, 'mine'), '3.6.1');
    const found = await resolve({ version: '3.6.1', platform: 'linux', arch });
    expect(found).toMatchObject({ source: 'download' });
    expect(found.path).toContain(`3.6.1-linux-${arch}`);
    expect(existsSync(join(folder, 'cache', 'etcd', '3.6.1', 'etcd'))).toBe(false);
  });
});

describe('kinds of machine', () => {
  test.each([
    ['x86_64\n', 'x64', 'amd64'],
    ['aarch64', 'arm64', 'arm64'],
    ['s390x', 's390x', 's390x'],
    ['ppc64le', 'ppc64', 'ppc64le'],
  ] as const)('uname %s', (machine, arch, released) => {
    expect(archOfUname(machine)).toBe(arch);
    expect(releaseName('3.6.1', { platform: 'linux', arch })).toBe(`etcd-v3.6.1-linux-${released}`);
  });

  test('what etcd is not released for is said', () => {
    expect(() => archOfUname('riscv64')).toThrow("machines of type 'riscv64'");
    expect(() => releaseName('3.6.1', { platform: 'win32', arch: 'x64' })).toThrow(/no etcd release/);
  });

  test('an ELF file tells what it is for', () => {
    const other = process.arch === 'arm64' ? 'x64' : 'arm64';
    expect(isBuiltFor(process.execPath, { platform: 'linux', arch: process.arch })).toBe(true);
    expect(isBuiltFor(process.execPath, { platform: 'linux', arch: other })).toBe(false);
  });
});

test('checksums are read as sha256sum writes them', () => {
  const sum = 'A'.repeat(64);
  expect(checksumOf(`${sum} *x.tar.gz\r\n`, 'x.tar.gz')).toBe('a'.repeat(64));
  expect(checksumOf(`${sum}  x.tar.gz.asc\nshort  x.tar.gz`, 'x.tar.gz')).toBeUndefined();
  expect(checksumOf(readFileSync(import.meta.filename, 'utf8'), 'x.tar.gz')).toBeUndefined();
});
