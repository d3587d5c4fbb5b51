import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CommandPlace, type Ended, startCommand, startShell } from '../../testing/command-line.ts';
import type { CellResult, SweepReport } from './sweep-report.ts';

let etcd: TestCluster;
let folder: string;

beforeAll(async () => {
  etcd = await startEtcd();
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-sweep-'));
});

afterAll(async () => {
  await etcd.stop();
  await rm(folder, { recursive: true, force: true });
});

test('puts by value size and clients: every cell is measured, kept, and counted together', async () => {
  const lists = ['--val-size', '8,256', '--vary', 'clients=1,4', '--connections', '2', '--repeat', '2'];
  const { code, report } = await sweep('put', '--total', '40', ...lists);
  expect(code).toBe(0);
  expect(report.words).toContain('--connections=2');
  expect(report.combinations.map(({ combination }) => combination)).toEqual([
    { 'val-size': '8', clients: '1' },
    { 'val-size': '8', clients: '4' },
    { 'val-size': '256', clients: '1' },
    { 'val-size': '256', clients: '4' },
  ]);
  for (const { measured, series } of report.combinations) {
    expect([measured, series.map(({ ok }) => ok)]).toEqual([2, [80]]);
    expect(series[0]!.perSec.min).toBeLessThanOrEqual(series[0]!.perSec.max);
  }
  expect((await kept(report)).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect((await readFile(join(report.runFolder, 'cells.csv'), 'utf8')).trim().split('\n')).toHaveLength(9);
  expect(await readdir(join(report.runFolder, 'cells'))).toHaveLength(8);
  const page = await readFile(join(report.runFolder, 'sweep.html'), 'utf8');
  expect(page).toContain('<h2>by val-size</h2>');
});

test('the range test reads as many keys as are asked for, and deletes what it put', async () => {
  await using client = await WireClient.connect({ endpoints: etcd.endpoints });
  const count = async () => (await client.range('bench/sweep/', { rangeEnd: 'bench/sweep0', countOnly: true })).count;
  const before = await count();
  const { code, report } = await sweep(
    ...['range', '--key-count', '1,10,...,100', '--total', '5', '--repeat', '1', '--cleanup'],
  );
  expect(code).toBe(0);
  expect(report.combinations).toHaveLength(6);
  for (const cell of report.cells) {
    const result = JSON.parse(await readFile(join(cell.runFolder!, 'result.json'), 'utf8'));
    expect(result.counters.keysReturned).toBe(5 * Number(cell.combination['key-count']));
  }
  expect(await count()).toBe(before);
});

test('a cell that fails is told and the others are measured: exit 1; a missed threshold: exit 3', async () => {
  // With its key it is more than etcd takes.
  const failed = await sweep('put', '--val-size', '8,1572864', '--repeat', '1', '--total', '20');
  expect(failed.code).toBe(1);
  expect(failed.report.cells.map(({ status }) => status.kind)).toEqual(['done', 'failed']);
  expect(failed.stderr).toMatch(/val-size 1572864 .*failed: .*too large/);

  const missed = await sweep('put', '--val-size', '8,9', '--repeat', '1', '--total', '20', '--threshold', 'max<1us');
  expect(missed.code).toBe(3);
  expect(missed.report.cells.map(({ status }) => status)).toMatchObject([
    { kind: 'missed', thresholds: [expect.stringContaining('max<1us')] },
    { kind: 'missed' },
  ]);
});

test.each([
  [['put'], 'nothing is varied'],
  [['nonsense', '--clients', '1,2'], 'no .bench:nonsense. to sweep'],
  [['put', '--watchers', '1,2'], 'has no --watchers'],
  [['put', '--clients', '1,two'], 'two'],
  [['put', '--key-count', '1,2'], 'key count'],
  [['put', '--clients', '1,2', '--vary', 'clients=3,4'], 'twice'],
  [['put', '--clients', '1,2', '--totl', '5'], '--totl'],
  [['range', '--consistency', 'l,x'], 'x'],
  [['range', '--key-count', '0,5'], 'whole number'],
])('%j is wrong input, and nothing is measured', async (args, message) => {
  const runs = await runIds();
  const { code, stdout } = await run([...args, '--json']);
  expect(code).toBe(2);
  expect(JSON.parse(stdout).error.message).toMatch(new RegExp(message));
  expect(await runIds()).toEqual(runs);
});

test('the range test of a cluster that is not there says so', async () => {
  const lists = ['--key-count', '1,2', '--cleanup', '--dial-timeout', '500ms', '--endpoints', '127.0.0.1:1'];
  const { code, stdout } = await run(['range', ...lists, '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout).error.message).toMatch(/could not be put: .*127\.0\.0\.1:1|could not be put: .*refused/);
});

test('Ctrl-C: what was measured is kept, with page and CSV', async () => {
  const lists = ['--val-size', '8,16', '--repeat', '100', '--total', '20'];
  const sweeping = startCommand(['bench:sweep', 'put', ...lists, '--json'], place());
  await vi.waitFor(() => expect(sweeping.stderr).toContain('cell 3 of 200'), { timeout: 60_000 });
  sweeping.process.kill('SIGINT');
  const { code, stdout } = await sweeping.ended;
  expect(code).toBe(130);
  const report = JSON.parse(stdout) as SweepReport;
  expect(report).toMatchObject({ ending: 'interrupted', planned: 200 });
  expect(report.combinations.every(({ measured }) => measured > 0)).toBe(true);
  expect(await kept(report)).toEqual(report.cells);
  expect(await readFile(join(report.runFolder, 'sweep.html'), 'utf8')).toContain('interrupted');
});

test('the examples of the help work as they are printed', { timeout: 400_000 }, async () => {
  const { stdout } = await startCommand(['bench:sweep', '--help'], { ...place(), env: { FORCE_COLOR: '0' } }).ended;
  const [, ...printed] = stdout.slice(stdout.indexOf('EXAMPLES')).split('$ etcdperf ');
  expect(printed).toHaveLength(3);
  for (const text of printed) {
    const ended = await startShell(`etcdperf ${text.split(/\n\s*\n/)[0]}`, place()).ended;
    expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('sweep.html') });
  }
});

async function sweep(...args: string[]): Promise<{ code: number | null; report: SweepReport; stderr: string }> {
  const { code, stdout, stderr } = await run([...args, '--json']);
  return { code, report: JSON.parse(stdout) as SweepReport, stderr };
}

function run(args: readonly string[]): Promise<Ended> {
  return startCommand(['bench:sweep', ...args], place()).ended;
}

function place(): CommandPlace {
  return { cwd: folder, endpoints: etcd.endpoints };
}

function runIds(): Promise<string[]> {
  return readdir(join(folder, 'runs')).catch(() => []);
}

async function kept({ runFolder }: SweepReport): Promise<CellResult[]> {
  const lines = (await readFile(join(runFolder, 'cells.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as CellResult);
}
