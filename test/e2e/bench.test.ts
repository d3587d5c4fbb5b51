import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadReport } from '@etcdperf/core/load';
import { startEtcd } from '@etcdperf/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-bench-e2e-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function etcdperf(line: string, endpoints: readonly string[] = []) {
  const { NODE_ENV: _testing, ETCDPERF_INVENTORY: _inventory, ...env } = process.env;
  return spawnSync(process.execPath, [bin, ...line.split(' ')], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, ...(endpoints.length > 0 && { ETCDPERF_ENDPOINTS: endpoints.join(',') }) },
  });
}

test('what is put is read back, and the runs are found again', async () => {
  await using cluster = await startEtcd({ members: 3 });
  const put = etcdperf(
    'bench:put --total 500 --sequential-keys --connections 6 --clients 12 --json',
    cluster.endpoints,
  );
  const written: LoadReport = JSON.parse(put.stdout);
  expect(written.series).toMatchObject([{ name: 'put', ok: 500, fail: 0, unknown: 0 }]);
  expect(written.members.map(({ name, problem }) => [name, problem])).toEqual([
    ['m1', undefined],
    ['m2', undefined],
    ['m3', undefined],
  ]);

  const range = etcdperf('bench:range bench/ --prefix --total 3 --json', cluster.endpoints);
  const read: LoadReport = JSON.parse(range.stdout);
  expect(read.counters).toMatchObject({ keysReturned: 1500 });

  expect(
    etcdperf('runs:list')
      .stdout.split('\n')
      .slice(1)
      .map((line) => line.split(/ +/)[1]),
  ).toEqual(['bench:range', 'bench:put', undefined]);
  const shown = etcdperf(`runs:show ${written.runFolder}`).stdout;
  expect(shown).toMatch(/^ok +500$/m);
  expect(shown).toMatch(/^p99\.99 +\d/m);
});

test('a cluster that is down: what, where, what to try', () => {
  const { status, stdout, stderr } = etcdperf('bench:put', ['http://127.0.0.1:1']);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('http://127.0.0.1:1');
  expect(stderr).toContain('try: ');
});
