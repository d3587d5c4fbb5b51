import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectHosts, LocalExecutor } from '@etcdperf/core/ssh';
import { startSshd, startTcpProxy } from '@etcdperf/core/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readLogFile } from './read-log-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-log-file-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `line ${from + n}`);
const asText = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

test('a connection that breaks loses no line and tells none twice', async () => {
  await using sshd = await startSshd();
  await using proxy = await startTcpProxy(sshd.port);
  const { user, keyFile } = sshd;
  const knownHostsFile = join(sshd.folder, 'known_hosts_of_proxy');
  await writeFile(knownHostsFile, `[127.0.0.1]:${proxy.port} ${sshd.hostKeys[0]}\n`);
  const host = { name: 'node1', address: '127.0.0.1', port: proxy.port, user, keyFile, knownHostsFile };
  const connections = connectHosts([{ ...host, become: 'none', groups: [] }]);
  const path = join(folder, 'broken.log');
  await writeFile(path, `${asText(numbered(0, 100))}half a `);
  const ended = new AbortController();
  const lines: string[] = [];
  const notes: string[] = [];
  const following = readLogFile(connections.executor('node1'), path, {
    ...{ window: {}, follow: true, signal: ended.signal },
    onLines: (some) => void lines.push(...some),
    onNote: (note) => void notes.push(note),
  });
  try {
    await vi.waitFor(() => expect(lines).toEqual(numbered(0, 100)), { timeout: 30_000 });
    proxy.cut();
    await appendFile(path, `line\n${asText(numbered(100, 200))}`);
    await vi.waitFor(() => expect(notes).toHaveLength(1), { timeout: 30_000 });
    proxy.heal();
    await vi.waitFor(() => expect(lines).toHaveLength(201), { timeout: 30_000 });
    await appendFile(path, 'last\n');
    await vi.waitFor(() => expect(lines.at(-1)).toBe('last'), { timeout: 30_000 });
  } finally {
    ended.abort();
    await following;
    await connections.close();
  }
  expect(lines).toEqual([...numbered(0, 100), 'half a line', ...numbered(100, 200), 'last']);
}, 180_000);

const read = async (path: string, window = {}, onLines?: () => void) => {
  const lines: string[] = [];
  await readLogFile(new LocalExecutor(), path, {
    ...{ window, follow: false, signal: undefined, onNote: () => undefined },
    onLines: (some) => {
      onLines?.();
      lines.push(...some);
    },
  });
  return lines;
};

test('a name with blanks and a dash; a line that is not ended is left out', async () => {
  const path = join(folder, "-o'dd name.log");
  await writeFile(path, 'one\ntwo\nthr');
  expect(await read(path)).toEqual(['one', 'two']);
  expect(await read(path, { last: 2 })).toEqual(['two']);
});

test('what the receiver throws, and what is not there, ends it', async () => {
  const path = join(folder, 'one.log');
  await writeFile(path, 'one\n');
  const full = () => {
    throw new Error('the disk is full');
  };
  await expect(read(path, {}, full)).rejects.toThrow('the disk is full');
  await expect(read(join(folder, 'none.log'))).rejects.toThrow(/can't read .*none.log: .*[Nn]o such file/);
});
