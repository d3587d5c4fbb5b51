import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type LocalCluster, startLocalCluster } from '@etcdperf/core/etcd';
import { createRun } from '@etcdperf/core/runs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { renderErrors } from '../../render/errors-report.ts';
import { gatherLogs } from '../logs/gather-logs.ts';
import { type ClusterMembers, openMembers } from '../members/cluster-members.ts';
import { liveLogs } from './live-logs.ts';
import { savedLogs } from './saved-logs.ts';
import { sumErrors } from './sum-errors.ts';

let folder: string;
const clusters: LocalCluster[] = [];
const opened: ClusterMembers[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-errors-'));
  // Slow enough that a busy machine alone makes no trouble.
  const flags = {
    ...{ 'heartbeat-interval': 500, 'election-timeout': 2500, 'unsafe-no-fsync': true },
    ...{ 'warning-apply-duration': '60s', 'warning-unary-request-duration': '60s' },
  };
  for (const [name, more] of Object.entries({ main: {}, beside: { 'log-level': 'warn' } })) {
    const dir = join(folder, name);
    clusters.push(await startLocalCluster({ dir, name, members: 3, flags: { ...flags, ...more } }));
    const config = JSON.parse(await readFile(join(dir, 'cluster.json'), 'utf8'));
    opened.push(await openMembers({ kind: 'local', config, dir }));
  }
});

afterAll(async () => {
  for (const one of opened) await one[Symbol.asyncDispose]();
  for (const cluster of clusters) await cluster.delete();
  rmSync(folder, { recursive: true, force: true });
});

const sum = (sinceMs?: number, untilMs = Date.now()) =>
  sumErrors(
    opened.map((cluster) => liveLogs(cluster, { unit: 'no-such-unit' })),
    { sinceMs, untilMs },
  );

/** All members stand still for a while: heartbeats are late, whoever leads. */
async function pauseAll(cluster: LocalCluster): Promise<void> {
  for (const { name } of cluster.members) await cluster.kill(name, 'SIGSTOP');
  // No condition to wait for: etcd complains of a heartbeat after twice its interval.
  await delay(1500);
  for (const { name } of cluster.members) await cluster.kill(name, 'SIGCONT');
}

const lateHeartbeats = async (sinceMs: number) =>
  (await sum(sinceMs)).clusters.map(({ kinds }) => kinds.find(({ kind }) => kind === 'late-heartbeat')?.count ?? 0);

test('trouble of one cluster, then of both at once: by kind, member and minute, with a verdict', async () => {
  const start = Date.now();
  const quiet = await sum(start);
  expect(quiet.clusters.map(({ kinds, minutes }) => [kinds, minutes])).toEqual(Array(2).fill([[], []]));
  expect(quiet.verdict).toMatchObject({ kind: 'quiet' });
  expect(renderErrors(quiet, 'kind')).toMatch(/no lines in this window|nothing went wrong/);

  await vi.waitFor(
    async () => {
      await pauseAll(clusters[0]!);
      const [main, beside] = await lateHeartbeats(start);
      expect(main).toBeGreaterThan(0);
      expect(beside).toBe(0);
    },
    { timeout: 60_000, interval: 100 },
  );
  // A window of an hour: within a minute or two all would be the same minutes.
  const alone = await sum(start, start + 3_600_000);
  expect(alone.verdict).toMatchObject({ kind: 'alone', cluster: 'main' });
  const [{ kinds, members, minutes }] = alone.clusters as [(typeof alone.clusters)[number]];
  const late = kinds.find(({ kind }) => kind === 'late-heartbeat')!;
  expect(late.worstMs).toBeGreaterThan(400);
  expect(JSON.parse(late.example.line)).toMatchObject({ level: 'warn' });
  expect(Date.parse(late.first)).toBeGreaterThanOrEqual(start);
  const sumOf = (counts: object) => Object.values(counts).reduce((a: number, b: number) => a + b, 0);
  expect(sumOf(late.members)).toBe(late.count);
  const total = kinds.reduce((all, { count }) => all + count, 0);
  for (const parts of [members, minutes]) {
    expect(parts.reduce((all, { count }) => all + count, 0)).toBe(total);
    for (const { kinds: counts, count } of parts) expect(sumOf(counts)).toBe(count);
  }
  for (const by of ['kind', 'member', 'minute'] as const)
    expect(renderErrors(alone, by)).toContain('only main struggled');
  expect(members.every(({ sinceStart }) => sinceStart?.leaderChanges !== undefined)).toBe(true);

  await vi.waitFor(
    async () => {
      await Promise.all(clusters.map(pauseAll));
      expect((await lateHeartbeats(start)).every((count) => count > 0)).toBe(true);
    },
    { timeout: 60_000, interval: 100 },
  );
  const both = await sum(start, start + 3_600_000);
  expect(both.verdict).toMatchObject({ kind: 'together' });
  expect(renderErrors(both, 'kind')).toContain('look at the ground under both');
}, 180_000);

test('what a log level cannot show is said', async () => {
  const { clusters: both } = await sum();
  const [main, beside] = both.map(({ members }) => members[0]!) as [
    (typeof both)[0]['members'][0],
    (typeof both)[0]['members'][0],
  ];
  expect(main).toMatchObject({ level: 'info', unseen: [] });
  expect(beside.level).toBe('warn');
  expect(beside.unseen).toEqual(expect.arrayContaining(['lost-leader', 'election', 'snapshot', 'restart']));
  expect(beside.unseen).not.toContain('slow-fsync');
  expect(renderErrors(await sum(), 'kind')).toMatch(/beside: member1, member2, member3 log from level warn on/);
});

test('logs that were gathered tell the same; so do files', async () => {
  const runsDir = join(folder, 'runs');
  const run = await createRun({ runsDir, command: 'harness:logs', config: { cluster: 'main' } });
  const gathered = await gatherLogs({ clusters: opened, run, window: {}, follow: false, unit: 'none' });
  run.finish({ status: 'done' });
  const live = await sum();
  for (const name of [run.id, run.dir]) {
    const saved = await sumErrors(await savedLogs([name], runsDir), {});
    expect(saved.clusters.map(({ cluster }) => cluster)).toEqual(['main', 'beside']);
    expect(saved.clusters.map(({ kinds }) => kinds)).toEqual(live.clusters.map(({ kinds }) => kinds));
    expect(['throughout', 'together']).toContain(saved.verdict?.kind);
  }
  const files: string[] = [];
  for (const { member, file } of gathered.clusters[0]!.members) {
    const path = join(folder, `${member}.log.gz`);
    await writeFile(path, gzipSync(await readFile(join(run.dir, file!))));
    files.push(path);
  }
  const { clusters: ofFiles } = await sumErrors(await savedLogs(files, runsDir), {});
  expect(ofFiles).toHaveLength(1);
  expect(ofFiles[0]?.kinds).toEqual(live.clusters[0]?.kinds);
  expect(ofFiles[0]?.members.map(({ member }) => member)).toEqual(['member1', 'member2', 'member3']);
});

test('what is no log is wrong input', async () => {
  const runsDir = join(folder, 'runs');
  await expect(savedLogs(['no-such-run'], runsDir)).rejects.toMatchObject({ exitCode: 2 });
  const run = await createRun({ runsDir, command: 'bench:put' });
  run.finish({ status: 'done' });
  await expect(savedLogs([run.id], runsDir)).rejects.toThrow('has no logs');
  const file = join(folder, 'twice.log');
  await writeFile(file, '');
  await expect(savedLogs([file, file], runsDir)).rejects.toThrow('two files have one name');
  expect((await sumErrors(await savedLogs([file], runsDir), {})).clusters[0]?.kinds).toEqual([]);
});

test('text of etcd 3.4 is read too, and its times are taken as UTC', async () => {
  const file = join(folder, 'old.log');
  await writeFile(file, '2026-11-21 23:08:05.5 W | wal: sync duration of 1.2s, expected less than 1s\nwhat is this\n');
  const { clusters: read, window } = await sumErrors(await savedLogs([file], folder), {});
  expect(read[0]?.kinds).toMatchObject([{ kind: 'slow-fsync', worstMs: 1200, first: '2026-11-21T23:08:05.500Z' }]);
  expect(read[0]?.members[0]).toMatchObject({
    lines: 2,
    understood: 1,
    level: 'warn',
    notes: [expect.stringContaining('UTC')],
  });
  expect(window).toEqual({ since: '2026-11-21T23:08:05.500Z', until: '2026-11-21T23:08:05.500Z' });
});

test('members that cannot be read are told; where none can it is an error', async () => {
  const [main] = opened as [ClusterMembers];
  const logs = liveLogs(main, { unit: 'no-such-unit' });
  const broken = { ...logs.members[1]!, open: () => Promise.reject(new TypeError('a bug')) };
  await expect(sumErrors([{ ...logs, members: [broken] }], {})).rejects.toThrow(TypeError);
  const missing = (await savedLogs([join(folder, 'twice.log')], folder))[0]!.members[0]!;
  rmSync(join(folder, 'twice.log'));
  const { clusters: read } = await sumErrors([{ ...logs, members: [logs.members[0]!, missing] }], {});
  expect(read[0]?.members.map(({ failure }) => failure?.message)).toEqual([
    undefined,
    expect.stringContaining("can't read the log"),
  ]);
  await expect(sumErrors([{ ...logs, members: [missing] }], {})).rejects.toThrow('no log could be read');
});
