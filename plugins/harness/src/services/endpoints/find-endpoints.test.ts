import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadInventory } from '@etcdperf/core/config';
import { clusterAccess, findCluster, parseEndpoints } from '@etcdperf/core/etcd';
import { startEtcd } from '@etcdperf/core/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { renderEndpoints } from '../../render/endpoints-report.ts';
import { deleteFound } from '../delete.ts';
import { deploy } from '../deploy.ts';
import { openSubject } from '../open-subject.ts';
import { chooseWays } from './choose-ways.ts';
import { type TriedWay, WAY_KINDS } from './endpoints-report.ts';
import { findEndpoints } from './find-endpoints.ts';
import { tryWays } from './try-ways.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-endpoints-'));
  vi.stubEnv('ETCDPERF_STATE_DIR', join(folder, 'state'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const limits = { timeoutMs: 20_000 };

test('those that work are written into the inventory, where commands find them; all else in it stays', async () => {
  const file = join(folder, 'lab.yaml');
  writeFileSync(
    file,
    '# my lab\nclusters:\n  mine: # for tests\n    backend: local\n    members: 1\n    endpoints: ["http://127.0.0.1:1"]\n',
  );
  const inventory = await loadInventory(file);
  const found = await findCluster({ inventory });
  const { endpoints } = await deploy(found, {});
  try {
    await using subject = await openSubject({ kind: 'found', found, inventory });
    const looked = await findEndpoints(subject, limits);
    expect(looked).toMatchObject({ chosen: endpoints, saved: { kind: 'not asked' } });
    expect(looked.ways.map(({ kind, result }) => [kind, result.kind])).toEqual([
      ['member', 'works'],
      ['saved', 'fails'],
    ]);
    const report = await findEndpoints(subject, { ...limits, save: true });
    expect(report.saved).toEqual({ kind: 'saved', file, changed: true });
    expect(readFileSync(file, 'utf8')).toContain('# for tests');
    expect((await clusterAccess(await loadInventory(file), 'mine')).endpoints).toEqual(endpoints);
    expect(renderEndpoints(report)).toContain(`* ${endpoints.join(',')}\nwritten to ${file}`);
  } finally {
    await deleteFound(found, { yes: true });
  }
});

test('of any cluster the addresses that its members advertise are tried too, and nothing can be saved', async () => {
  const advertised = 'http://localhost:1';
  await using cluster = await startEtcd({ flags: { 'advertise-client-urls': advertised } });
  await using subject = await openSubject({ kind: 'at', access: cluster });
  const { ways, chosen } = await findEndpoints(subject, limits);
  expect(ways).toEqual([
    { kind: 'member', through: 'm1', url: advertised, result: { kind: 'fails', reason: 'connection refused' } },
    {
      kind: 'saved',
      through: '--endpoints',
      url: cluster.endpoints[0],
      result: expect.objectContaining({ member: 'm1' }),
    },
  ]);
  expect(chosen).toEqual(cluster.endpoints);
  await expect(findEndpoints(subject, { ...limits, save: true })).rejects.toMatchObject({
    exitCode: 2,
    where: '--save',
  });
});

test('each way is verified: its certificate, a login, a leader, and whose cluster it leads to', async () => {
  await using secure = await startEtcd({ tls: 'server' });
  const { ca } = secure.certificates!;
  const [url] = secure.endpoints as [string];
  const way = (of: string) => ({ kind: 'vip', through: of, url: of }) as const;
  const reasons = async (access: Parameters<typeof tryWays>[0], own = access, ...more: string[]) =>
    (await tryWays(access, more.map(way), own, limits)).map(({ result }) =>
      result.kind === 'fails' ? result.reason : '',
    );
  const known = { endpoints: [url], tls: { ca } };
  expect(await reasons(known, known, url, url.replace('127.0.0.1', '127.0.0.2'))).toEqual(['', 'connection refused']);
  expect(await reasons({ endpoints: [url] }, known, url)).toEqual([
    'its certificate is not signed by the CA that was given',
  ]);
  await using other = await startEtcd({ members: 3 });
  const [first, second] = other.members;
  expect(await reasons(other, other, first!.endpoint)).toEqual(['']);
  await using foreign = await startEtcd();
  expect(await reasons(foreign, other, foreign.endpoints[0]!)).toEqual([
    expect.stringMatching(/^it leads to another cluster \([0-9a-f]+\)$/),
  ]);
  await Promise.all([second!.kill(), other.members[2]!.kill()]);
  const [lost] = await tryWays(other, [way(first!.endpoint)], undefined, { timeoutMs: 1500 });
  expect(lost?.result).toMatchObject({ kind: 'fails', reason: expect.stringMatching(/^a read through raft failed: /) });
});

test('chosen is what works and lasts, of one kind, one that leads to members rather than a balanced one', () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  const tried: fc.Arbitrary<TriedWay> = fc.record({
    kind: fc.constantFrom(...WAY_KINDS),
    through: fc.constant('x'),
    url: port.map((number) => `http://10.0.0.1:${number}`),
    result: fc.constantFrom(
      { kind: 'works', member: 'a', readMs: 1 } as const,
      { kind: 'fails', reason: 'no' } as const,
    ),
  });
  fc.assert(
    fc.property(fc.array(tried), (ways) => {
      const chosen = chooseWays(ways);
      const lasting = ways.filter(
        ({ kind, result }) => result.kind === 'works' && kind !== 'pod' && kind !== 'forward',
      );
      expect(chosen.length === 0).toBe(lasting.length === 0);
      if (chosen.length === 0) return;
      const best = WAY_KINDS.find((kind) => lasting.some((way) => way.kind === kind));
      expect(new Set(chosen)).toEqual(new Set(lasting.filter(({ kind }) => kind === best).map(({ url }) => url)));
      expect(parseEndpoints(chosen.join(','))).toEqual(chosen);
    }),
  );
});
