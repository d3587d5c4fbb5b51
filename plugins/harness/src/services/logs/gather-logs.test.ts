import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restartDaemon } from '@etcdperf/core/daemon';
import { startLocalCluster } from '@etcdperf/core/etcd';
import { createRun } from '@etcdperf/core/runs';
import { LocalExecutor } from '@etcdperf/core/ssh';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openMembers } from '../members/cluster-members.ts';
import { type GatheredLine, type GatherOptions, gatherLogs } from './gather-logs.ts';

let folder: string;
let cluster: Awaited<ReturnType<typeof startLocalCluster>>;
let opened: Awaited<ReturnType<typeof openMembers>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-logs-'));
  const dir = join(folder, 'cluster');
  cluster = await startLocalCluster({ dir, members: 3, flags: { 'unsafe-no-fsync': true } });
  const config = JSON.parse(await readFile(join(dir, 'cluster.json'), 'utf8'));
  opened = await openMembers({ kind: 'local', config, dir });
});

afterAll(async () => {
  await opened?.[Symbol.asyncDispose]();
  await cluster?.delete();
  rmSync(folder, { recursive: true, force: true });
});

async function gather(options: Partial<GatherOptions> = {}) {
  const run = await createRun({ runsDir: join(folder, 'runs'), command: 'harness:logs' });
  try {
    const report = await gatherLogs({
      ...{ clusters: [opened], run, window: {}, follow: false, unit: 'no-such-unit' },
      ...options,
    });
    const [{ members }] = report.clusters as [(typeof report.clusters)[number]];
    const files = await Promise.all(
      members.map(({ file }) => (file === undefined ? '' : readFile(join(run.dir, file), 'utf8'))),
    );
    return { report, members, files };
  } finally {
    run.finish({ status: 'done' });
  }
}

const daemonLogOf = (member: string) => readFile(join(cluster.dir, 'daemons', `etcd.local.${member}`, 'log'), 'utf8');

test('every line of every member, counted', async () => {
  const { report, members, files } = await gather();
  expect(report.outcome).toBe('done');
  for (const [index, { name }] of cluster.members.entries()) {
    expect(members[index]).toMatchObject({ member: name, file: `logs/local/${name}.log`, gaps: [], notes: [] });
    const file = files[index]!;
    expect((await daemonLogOf(name)).startsWith(file)).toBe(true);
    expect(file.split('\n')).toHaveLength(members[index]!.lines + 1);
    expect(Buffer.byteLength(file)).toBe(members[index]!.bytes);
    const times = file.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line).ts as string] : []));
    expect(Date.parse(members[index]!.from!)).toBe(Date.parse(times[0]!));
    expect(Date.parse(members[index]!.to!)).toBe(Date.parse(times.at(-1)!));
  }
});

test('only what matches, of one member, of a window, the newest lines', async () => {
  const pattern = /elected leader|became leader/;
  const elected = await gather({ grep: pattern });
  for (const [index, { name }] of cluster.members.entries()) {
    const lines = (await daemonLogOf(name)).split('\n').filter((line) => pattern.test(line));
    expect(`${lines.join('\n')}\n`.startsWith(elected.files[index]!)).toBe(true);
    expect(elected.files[index]).toMatch(/"raft.node: \w+ elected leader/);
  }

  const one = await gather({ member: 'member2' });
  expect(one.members.map(({ member }) => member)).toEqual(['member2']);
  await expect(gather({ member: 'member9' })).rejects.toMatchObject({
    exitCode: 2,
    hint: expect.stringContaining('member2'),
  });

  const last = await gather({ window: { last: 5 } });
  for (const [index, { name }] of cluster.members.entries())
    expect(await daemonLogOf(name)).toContain(last.files[index]!);
  expect(last.members.map(({ lines }) => lines)).toEqual([5, 5, 5]);

  const middle = Math.max(...last.members.map(({ from }) => Date.parse(from!)));
  const earlier = await gather({ window: { untilMs: middle - 0.0005 } });
  const later = await gather({ window: { sinceMs: middle } });
  expect(earlier.members.every(({ lines }) => lines > 0)).toBe(true);
  expect((earlier.files[1]! + later.files[1]!).startsWith(one.files[0]!)).toBe(true);
});

test('an empty window has no files', async () => {
  const { members } = await gather({ window: { sinceMs: Date.now() + 3_600_000 } });
  expect(members.map(({ lines, file }) => [lines, file])).toEqual(Array(3).fill([0, undefined]));
});

test('what a large file has of a window is found without reading all of it', async () => {
  const path = join(cluster.dir, 'daemons', 'etcd.local.member1', 'log');
  const { appendFile, writeFile } = await import('node:fs/promises');
  const before = await readFile(path);
  const start = Date.parse('2026-01-01T00:00:00Z');
  const line = (n: number) => `{"level":"info","ts":"${new Date(start + n * 1000).toISOString()}","msg":"m${n}"}\n`;
  const batch = (from: number) => Array.from({ length: 50_000 }, (_, n) => line(from + n)).join('');
  await writeFile(path, batch(0));
  for (let from = 50_000; from < 300_000; from += 50_000) await appendFile(path, batch(from));
  try {
    let read = 0;
    const member = opened.members[0]!;
    if (member.kind !== 'process') throw new Error('a process');
    const { executor } = member.site;
    const script = vi.spyOn(executor, 'script').mockImplementation(async (source, args, options) =>
      Object.getPrototypeOf(executor).script.call(executor, source, args, {
        ...options,
        onStdout: (chunk: Buffer) => {
          read += chunk.length;
          options?.onStdout?.(chunk);
        },
      }),
    );
    const window = { sinceMs: start + 123_456_000, untilMs: start + 123_460_000 };
    const { files } = await gather({ window, member: 'member1' });
    expect(files[0]).toBe(Array.from({ length: 5 }, (_, n) => line(123_456 + n)).join(''));
    expect(read).toBeLessThan(6_000_000);
    script.mockRestore();
  } finally {
    await writeFile(path, before);
  }
});

test('--follow tells what comes until it is ended, also of a member that is started again', async () => {
  const ended = new AbortController();
  const lines: GatheredLine[] = [];
  const following = gather({
    window: { last: 1 },
    follow: true,
    signal: ended.signal,
    onLine: (line) => lines.push(line),
  });
  const of = (member: string) => lines.filter((line) => line.member === member);
  await vi.waitFor(() => expect(new Set(lines.map(({ member }) => member)).size).toBe(3), { timeout: 30_000 });
  await restartDaemon(new LocalExecutor(), cluster.dir, 'etcd.local.member3');
  await vi.waitFor(() => expect(of('member1').some(({ text }) => text.includes('lost TCP streaming'))).toBe(true), {
    timeout: 30_000,
  });
  await vi.waitFor(() => expect(of('member3').some(({ text }) => text.includes('ready to serve'))).toBe(true), {
    timeout: 30_000,
  });
  ended.abort();
  const { report, members, files } = await following;
  expect(report).toMatchObject({ outcome: 'interrupted', followed: true });
  for (const [index, { member, lines: count }] of members.entries()) {
    expect(files[index]).toBe(
      of(member)
        .map(({ text }) => `${text}\n`)
        .join(''),
    );
    expect(count).toBe(of(member).length);
  }
  expect(members.map(({ gaps }) => gaps.length)).toEqual([0, 0, 1]);
}, 120_000);

test('a member without a log is told, the others are read', async () => {
  const dir = join(cluster.dir, 'daemons');
  const { rename } = await import('node:fs/promises');
  await rename(join(dir, 'etcd.local.member2', 'log'), join(dir, 'away'));
  try {
    const { members } = await gather();
    expect(members.map(({ failure }) => failure?.message)).toEqual([
      undefined,
      expect.stringMatching(/^localhost: no log of member member2: no .*, and nothing of unit no-such-unit/),
      undefined,
    ]);
  } finally {
    await rename(join(dir, 'away'), join(dir, 'etcd.local.member2', 'log'));
  }
});
