import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrPlanCluster, requireProcesses } from '@etcdperf/core/etcd';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { renderHostsReport } from '../../render/hosts-report.ts';
import { sharedHosts } from './hosts-report.ts';
import { lookAtHosts, parseProcesses } from './look-at-hosts.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-hosts-'));
  vi.stubEnv('ETCDPERF_STATE_DIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('members of one machine are not alone, and it is told', async () => {
  const found = requireProcesses(await findOrPlanCluster({ inventory: undefined, backend: 'local', members: 3 }));
  const report = await lookAtHosts(found, {});
  expect(report.hosts).toMatchObject([{ name: 'localhost', members: ['member1', 'member2', 'member3'] }]);
  expect(report.problems[0]).toBe('member1, member2, member3 share localhost');
  expect(renderHostsReport(report)).toMatch(/^cluster local: members are NOT alone\n\nHOST +MEMBERS +BESIDE THEM\n/);
});

test('only what takes much counts, and never etcd itself', () => {
  const ps = [
    '    1  0.0  10240 systemd',
    '  812 19.9 524287 small',
    '  900 20.0    100 busy one',
    '  901  0.0 524288 big',
    '  902 99.0 900000 etcd-3.6.16',
    '  903 99.0    100 ps',
    'not a line of ps',
    '',
  ].join('\n');
  expect(parseProcesses(ps)).toEqual([
    { name: 'busy one', detail: 'process 900, 20.0% of a core, 0 MiB' },
    { name: 'big', detail: 'process 901, 0.0% of a core, 512 MiB' },
  ]);
});

test('hosts without members are nobody’s concern; one that can’t be looked at is told', () => {
  const host = { name: 'a', members: ['m1'], companions: [], label: undefined, taint: undefined, problem: undefined };
  const companions = [{ name: 'java', detail: 'process 1' }];
  expect(sharedHosts([host, { ...host, members: [], companions }])).toEqual([]);
  expect(sharedHosts([{ ...host, companions }])).toEqual(['m1 on a: beside it java (process 1)']);
  expect(sharedHosts([{ ...host, problem: 'no answer' }])).toEqual(['a: no answer']);
});
