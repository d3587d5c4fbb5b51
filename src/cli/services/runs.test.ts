import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRun } from '@etcdperf/core/runs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { renderRunDetails } from '../render/run-details.ts';
import { renderRunList } from '../render/run-list.ts';
import { wallTime } from '../render/wall-time.ts';
import { runDetails } from './run-details.ts';
import { runList } from './run-list.ts';
import { chooseRunsDir } from './runs-dir.ts';

let runsDir: string;
beforeEach(() => {
  runsDir = mkdtempSync(join(tmpdir(), 'etcdperf-runs-'));
});
afterEach(() => rmSync(runsDir, { recursive: true, force: true }));

async function twoRuns() {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  const put = await createRun({ runsDir, command: 'bench:put', startedAt: at(1), config: { rate: 100 } });
  const failover = await createRun({ runsDir, command: 'election:failover', title: 'two rounds', startedAt: at(2) });
  failover.append('agents.jsonl', { e: 'agent' });
  failover.writeResult({ rounds: [1, 2] });
  failover.finish({ status: 'done' });
  return { put, failover };
}

test('the list: newest first, by command, unfinished runs said to be so', async () => {
  const { put, failover } = await twoRuns();
  const list = await runList(runsDir);
  expect(list.runs.map(({ id, status }) => [id, status])).toEqual([
    [failover.id, 'done'],
    [put.id, 'running'],
  ]);
  expect(list.runs[0]).toMatchObject({ title: 'two rounds', durationMs: expect.any(Number), dir: failover.dir });
  expect(renderRunList(list).split('\n')).toEqual([
    expect.stringMatching(/^RUN +COMMAND +STATUS +TOOK +TITLE$/),
    expect.stringMatching(/^20260101T000002Z-election-failover-\w+ +election:failover +done .*two rounds$/),
    expect.stringMatching(/^20260101T000001Z-bench-put-\w+ +bench:put +unfinished$/),
  ]);
  expect((await runList(runsDir, 'bench:put')).runs).toHaveLength(1);
  expect(renderRunList(await runList(join(runsDir, 'none')))).toBe(`no runs in ${join(runsDir, 'none')}`);
});

test('one run: the newest, or the one that is named, with its result and files', async () => {
  const { put, failover } = await twoRuns();
  const newest = await runDetails(runsDir, undefined);
  expect(newest).toMatchObject({ dir: failover.dir, result: { rounds: [1, 2] } });
  expect(newest.files.map(({ name }) => name)).toEqual(['agents.jsonl', 'manifest.json', 'result.json']);
  expect(renderRunDetails(newest)).toMatch(/^status +done$/m);

  const named = await runDetails(runsDir, put.id.slice(-4));
  expect(named).toMatchObject({ dir: put.dir, result: null, manifest: { config: { rate: 100 } } });
  expect(renderRunDetails(named)).toContain('\nno result\n');
});

test('where there is nothing, it says so', async () => {
  await expect(runDetails(runsDir, undefined)).rejects.toMatchObject({ exitCode: 2, where: runsDir });
  await expect(runDetails(runsDir, 'nothing')).rejects.toMatchObject({ exitCode: 2 });
});

test('--runs-dir comes before all', async () => {
  expect(await chooseRunsDir({ 'runs-dir': 'some/where', inventory: '/no/such.yaml' })).toBe(
    join(process.cwd(), 'some/where'),
  );
});

test.each([
  [0, '0.0 s'],
  [59_949, '59.9 s'],
  [59_999, '1 min 0 s'],
  [185_000, '3 min 5 s'],
  [3_599_999, '1 h 0 min'],
  [7_800_000, '2 h 10 min'],
])('%d ms is %s', (ms, text) => {
  expect(wallTime(ms)).toBe(text);
});
