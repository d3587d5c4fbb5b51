import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { InputError, InterruptedError, OperationError } from '../errors/index.ts';
import { startSshd, startTcpProxy, type TestSshd } from '../testing/index.ts';
import { connectHosts } from './connect-hosts.ts';
import type { Executor } from './executor.ts';
import { LocalExecutor } from './local-executor.ts';

let sshd: TestSshd;
let folder: string;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-push-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function overSsh(port = sshd.port, knownHostsFile = sshd.knownHostsFile): Executor {
  const { user, keyFile } = sshd;
  const host = { name: 'node1', address: '127.0.0.1', port, user, keyFile, knownHostsFile, become: 'none', groups: [] };
  const connections = connectHosts([host as never]);
  onTestFinished(() => connections.close());
  return connections.executor('node1');
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const mode = async (path: string) => ((await stat(path)).mode & 0o7777).toString(8);

describe.each([
  ['local', () => new LocalExecutor()],
  ['ssh', () => overSsh()],
])('a push, %s', (_kind, executor) => {
  test('arrives once, and again only when content or mode differ', async () => {
    const path = join(folder, "it's", 'deep', '-name with $(blanks)');
    const content = randomBytes(3_000_000);
    const host = executor();
    expect(await host.push(content, path, { mode: 0o640 })).toEqual({ changed: true, sha256: sha256(content) });
    expect(await readFile(path)).toEqual(content);
    expect(await mode(path)).toBe('640');
    const before = await stat(path);
    expect((await host.push(content, path, { mode: 0o640 })).changed).toBe(false);
    expect((await stat(path)).ino).toBe(before.ino);
    expect((await host.push(content, path, { mode: 0o755 })).changed).toBe(true);
    expect(await mode(path)).toBe('755');
    content[7] = (content[7] ?? 0) ^ 1;
    expect((await host.push(content, path, { mode: 0o755 })).changed).toBe(true);
    expect(await readFile(path)).toEqual(content);
    expect(await readdir(join(path, '..'))).toHaveLength(1);
  });

  test('a file brings its own mode; an empty one is a file too', async () => {
    const source = join(folder, 'source');
    await writeFile(source, '', { mode: 0o755 });
    await executor().push({ path: source }, join(folder, 'copy'));
    expect(await mode(join(folder, 'copy'))).toBe('755');
    expect((await stat(join(folder, 'copy'))).size).toBe(0);
  });

  test('a folder in its place, and a file that is not there, are said', async () => {
    const host = executor();
    await mkdir(join(folder, 'sub'));
    await expect(host.push(Buffer.from('x'), join(folder, 'sub'))).rejects.toThrow(/is a directory/);
    await expect(host.push({ path: join(folder, 'none') }, join(folder, 'copy'))).rejects.toThrow(InputError);
  });
});

/** A disk of 1 MiB; needs root. */
async function smallDisk(): Promise<AsyncDisposable & { readonly disk: string }> {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  // Whoever was cut off there may still hold it for a moment.
  const unmount = async () => {
    await vi.waitFor(() => promisify(execFile)('umount', [disk]), { timeout: 30_000, interval: 50 });
  };
  return { disk, [Symbol.asyncDispose]: unmount };
}

test('a full disk is named, and what was written is taken away', async () => {
  await using small = await smallDisk();
  const { disk } = small;
  await writeFile(join(disk, 'old'), 'kept');
  const error: unknown = await overSsh()
    .push(randomBytes(4_000_000), join(disk, 'old'))
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OperationError);
  expect(error).toMatchObject({ where: 'node1', message: expect.stringContaining('no space left') });
  expect((error as Error).message).toContain(join(disk, 'old'));
  expect(await readdir(disk)).toEqual(['old']);
  expect(await readFile(join(disk, 'old'), 'utf8')).toBe('kept');
});

test('a push whose connection breaks leaves nothing', async () => {
  await using proxy = await startTcpProxy(sshd.port);
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, `[127.0.0.1]:${proxy.port} ${sshd.hostKeys[0]}\n`);
  const target = join(folder, 'target');
  await mkdir(target);
  const host = overSsh(proxy.port, knownHosts);
  await host.run(['true']);
  proxy.delayMs(50);
  const pushing = host.push(randomBytes(20_000_000), join(target, 'file')).catch((reason: unknown) => reason);
  await vi.waitFor(async () => expect(await readdir(target)).toHaveLength(1), { timeout: 30_000, interval: 10 });
  proxy.cut();
  expect(await pushing).toBeInstanceOf(OperationError);
  await vi.waitFor(async () => expect(await readdir(target)).toEqual([]), { timeout: 30_000, interval: 20 });
});

test('an abort in the middle leaves nothing', async () => {
  const interruption = new AbortController();
  const target = join(folder, 'target');
  await mkdir(target);
  const { signal } = interruption;
  const pushing = overSsh()
    .push(randomBytes(60_000_000), join(target, 'file'), { signal })
    .catch((reason: unknown) => reason);
  await vi.waitFor(async () => expect(await readdir(target)).toHaveLength(1), { timeout: 30_000, interval: 2 });
  interruption.abort(new InterruptedError());
  expect(await pushing).toBeInstanceOf(InterruptedError);
  await vi.waitFor(async () => expect(await readdir(target)).toEqual([]), { timeout: 30_000, interval: 20 });
});
