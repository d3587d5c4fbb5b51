import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type RunningCommand, readSheet, startEtcdperf } from './driver-fixture.ts';

const SOON = { timeout: 60_000, interval: 100 };
const EXAMPLE =
  '/prefix/:ip/%level2-%06d[2]/%level3-%04d[6]/%level4-%04d[2]/%level5-%040d[100]/%level6-%040d[10]/%leaf7-%06d[5];[0-9]{140,160}';

/** The columns that spreadsheets of many years begin with, and those that they end with. */
const STATISTICS =
  'test,startTime,duration (ms),puts,puts/sec,deletes,deletes/sec,client deletes,client deletes/sec,gets,gets/sec,client gets,client gets/sec,key space,errors,Puts mean RT(μs),Puts min RT(μs),Puts max RT(μs),Dels mean RT(μs),Dels min RT(μs),Dels max RT(μs),Gets mean RT(μs),Gets min RT(μs),Gets max RT(μs),Reconnects,Reconnect mean RT(μs),Reconnect min RT(μs),Reconnect max RT(μs),puts bytes/sec,gets bytes/sec,watchers,watch events,watch events/sec,prefix gets,prefix gets/sec,client prefix gets,client prefix gets/sec,Prefix gets mean RT(μs),Prefix gets min RT(μs),Prefix gets max RT(μs),prefix gets bytes/sec'.split(
    ',',
  );
const PARAMETERS =
  'churn-level,churn-level-pct,churn-level-rate,churn-val-rate,client-timeout,clients,conns,do-not-exit,endpoints,etcd-reconnect-count,file-comment,full-get-read,get-keys-only,get-level,get-rate,pattern,put-rate,serializable-gets,skip-init,stats-interval,test-end-key,total,val-spec,verbose,watch-counts-per-level,watch-prefix-get-interval,watch-with-prefix'.split(
    ',',
  );

let folder: string;
let running: RunningCommand[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-driver-e2e-'));
  running = [];
});
afterEach(async () => {
  for (const { process } of running) process.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

function start({ endpoints }: TestCluster, ...args: string[]): RunningCommand {
  const command = startEtcdperf(args, { cwd: folder, endpoints });
  running.push(command);
  return command;
}

function run(cluster: TestCluster, ...args: string[]) {
  return start(cluster, ...args).ended;
}

/** The rows of a results file with that test. */
function rows(file: string, test: string) {
  return readSheet(join(folder, file)).rows.filter((row) => row.test === test);
}

async function count(prefix: string, endpoints: readonly string[]): Promise<number> {
  await using client = await WireClient.connect({ endpoints });
  return (await client.range(prefix, { prefix: true, countOnly: true })).count;
}

test('the example pattern on three members, one of them killed and started again: nothing is lost', {
  timeout: 300_000,
}, async () => {
  await using cluster = await startEtcd({ members: 3 });
  const driver = start(
    cluster,
    ...['driver:run', '--pattern', EXAMPLE, '--ip', '10.1.2.3', '--clients', '64', '--conns', '8', '--verify'],
    ...['--churn-level', '5', '--churn-level-pct', '5', '--churn-level-rate', '2/s', '--churn-val-rate', '50/s'],
    ...['--get-level', '7', '--get-rate', '50/s', '--watch-counts-per-level', '0,0,0,n', '--watch-with-prefix'],
    ...['--watch-prefix-get-interval', '10', '--duration', '12s', '--stats-interval', '2'],
    ...['--csv-file', 'driver.csv', '--file-comment', 'one, "two"', '--json'],
  );
  await vi.waitFor(() => expect(rows('driver.csv', 'pattern-interval').length).toBeGreaterThan(0), {
    timeout: 180_000,
    interval: 100,
  });
  const member = await cluster.leader();
  await member.kill();
  const before = rows('driver.csv', 'pattern-interval').length;
  await vi.waitFor(() => expect(rows('driver.csv', 'pattern-interval').length).toBeGreaterThan(before), SOON);
  await member.restart();

  const { code, stdout, stderr } = await driver.ended;
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout).verification).toMatchObject({ verdict: 'clean', ofKeys: 120_000, findings: [] });
  expect(await count('/prefix/10.1.2.3/', cluster.endpoints)).toBe(120_000);

  const { header } = readSheet(join(folder, 'driver.csv'));
  expect(header.slice(0, STATISTICS.length)).toEqual(STATISTICS);
  expect(header.slice(-PARAMETERS.length)).toEqual(PARAMETERS);
  expect(header.slice(STATISTICS.length, -PARAMETERS.length)).toEqual(
    expect.arrayContaining(['Puts p99 RT(μs)', 'fail', 'unknown', 'late', 'dropped']),
  );
  const [ramp, ...otherRamps] = rows('driver.csv', 'pattern-ramp');
  const [summary, ...otherSummaries] = rows('driver.csv', 'pattern-summary');
  expect([otherRamps, otherSummaries]).toEqual([[], []]);
  expect(Number(ramp!.puts)).toBe(120_000);
  expect(summary).toMatchObject({
    'key space': '120000',
    watchers: '12',
    pattern: EXAMPLE,
    'file-comment': 'one, "two"',
    'churn-level': '5',
  });
  for (const column of ['puts', 'deletes', 'gets', 'prefix gets', 'watch events', 'Puts mean RT(μs)'])
    expect(Number(summary![column]), column).toBeGreaterThan(0);
});

describe('drivers and what ends them', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startEtcd();
  });
  afterAll(() => cluster.stop());

  const steady = (...args: string[]) => ['--churn-val-rate', '50/s', '--get-rate', '20/s', '--get-level', '2', ...args];
  const output = (name: string) => ['--csv-file', `${name}.csv`, '--stats-interval', '1', '--name', name];

  test('two on one hierarchy, a third that is refused, and driver:stop ends both', async () => {
    const keys = ['--pattern', '/two/:ip/%key-%03d[200];#50', '--ip', '10.0.0.1', '--test-end-key', '/two/testEnd'];
    const first = start(cluster, 'driver:run', ...keys, ...steady(), ...output('first'));
    await vi.waitFor(() => expect(rows('first.csv', 'pattern-interval').length).toBeGreaterThan(0), SOON);

    const refused = await run(cluster, 'driver:run', ...keys, ...steady(), ...output('refused'));
    expect(refused.code, refused.stderr).toBe(2);
    expect(refused.stderr).toContain('first');

    const second = start(cluster, 'driver:run', ...keys, '--skip-init', ...steady(), ...output('second'));
    await vi.waitFor(() => expect(rows('second.csv', 'pattern-interval').length).toBeGreaterThan(0), SOON);

    const stop = await run(cluster, 'driver:stop', '--test-end-key', '/two/testEnd');
    expect(stop.code, stop.stderr).toBe(0);
    expect(stop.stdout).toMatch(/^first /m);
    expect(stop.stdout).toMatch(/^second /m);
    for (const [driver, name] of [
      [first, 'first'],
      [second, 'second'],
    ] as const) {
      const { code, stderr } = await driver.ended;
      expect(code, stderr).toBe(0);
      expect(rows(`${name}.csv`, 'pattern-summary')).toHaveLength(1);
    }
    expect(rows('second.csv', 'pattern-ramp')).toEqual([]);
    expect(await count('/two/10.0.0.1/', cluster.endpoints)).toBe(200);

    const late = await run(cluster, 'driver:run', ...keys, ...steady(), ...output('late'));
    expect(late.code, late.stderr).toBe(2);
    expect(late.stderr).toContain('/two/testEnd');
    const clear = await run(cluster, 'driver:stop', '--test-end-key', '/two/testEnd', '--clear');
    expect(clear.code, clear.stderr).toBe(0);
    const again = await run(cluster, 'driver:run', ...keys, ...steady(), ...output('again'), '--duration', '1s');
    expect(again.code, again.stderr).toBe(0);
  });

  test('an old command line: the flags as scripts have them, and the same parameters in the file', async () => {
    const parameters = {
      pattern: '/old/:ip/%level2-%06d[2]/%level3-%04d[6]/%leaf-%06d[5];[0-9]{140,160}',
      'val-spec': '10,30',
      total: '0',
      'put-rate': '720000',
      'churn-level': '3',
      'churn-level-pct': '50',
      'churn-level-rate': '3600',
      'churn-val-rate': '7200',
      'get-level': '4',
      'get-rate': '36000',
      'full-get-read': 'false',
      'get-keys-only': 'false',
      'serializable-gets': 'true',
      'watch-counts-per-level': '0,0,0,n,0',
      'watch-with-prefix': 'true',
      'watch-prefix-get-interval': '1',
      clients: '2',
      conns: '2',
      'etcd-reconnect-count': '20',
      'test-end-key': '/old/testEnd',
      'do-not-exit': 'false',
      'file-comment': 'as ever',
      'stats-interval': '1',
      'skip-init': 'false',
      verbose: 'true',
    };
    const old = Object.entries(parameters).map(([name, value]) => `-${name}=${value}`);
    const { code, stderr } = await run(
      cluster,
      ...['driver:run', ...old, '-client-timeout', '10s', '-csv-file=old.csv', '-ip=10.0.0.1', '-duration=2s'],
    );
    expect(code, stderr).toBe(0);
    const [summary] = rows('old.csv', 'pattern-summary');
    expect(summary).toMatchObject({ ...parameters, 'client-timeout': '10s', 'key space': '60', watchers: '12' });
    for (const column of ['puts', 'deletes', 'gets', 'prefix gets', 'watch events', 'Reconnects'])
      expect(Number(summary![column]), column).toBeGreaterThan(0);
    expect(await count('/old/10.0.0.1/', cluster.endpoints)).toBe(60);
  });

  test('watchers where nobody writes, and leases, and nothing of them is left', async () => {
    const watch = ['--pattern', '/quiet/:ip/%key-%d[5];#5', '--watch-counts-per-level', '0,0,n', '--duration', '1s'];
    const watchers = await run(cluster, 'driver:watch-tree', ...watch, '--json');
    expect(watchers.code, watchers.stderr).toBe(0);
    expect(JSON.parse(watchers.stdout).watch).toMatchObject({ duplicated: 0, reordered: 0 });

    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    const before = (await client.leases()).ids;
    const leases = await run(cluster, 'driver:leases', '--count', '50', '--ttl', '60s', '--duration', '1s');
    expect(leases.code, leases.stderr).toBe(0);
    expect(leases.stdout).toContain('50 of 50 held at the end');
    // Those of drivers that ended, by which their confirmations are forgotten one day, stay.
    expect(new Set((await client.leases()).ids)).toEqual(new Set(before));
  });

  test('SIGTERM: the summary is written within the grace that a pod has', async () => {
    const keys = ['--pattern', '/term/:ip/%node-%02d[20]/%key-%02d[20];#50', '--test-end-key', '/term/testEnd'];
    const churn = ['--churn-level', '2', '--churn-level-rate', '5/s'];
    const driver = start(cluster, 'driver:run', ...keys, ...churn, ...steady(), ...output('term'));
    await vi.waitFor(() => expect(rows('term.csv', 'pattern-interval').length).toBeGreaterThan(0), SOON);
    const asked = performance.now();
    driver.process.kill('SIGTERM');
    const { code, stdout, stderr } = await driver.ended;
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(code, stderr).toBe(130);
    expect(stdout).toContain('puts');
    expect(rows('term.csv', 'pattern-summary')).toHaveLength(1);
    // What was deleted is written anew before the end.
    expect(await count('/term/', cluster.endpoints)).toBe(400);
  });

  test('kill -9 while loading: the file is whole, and the next process goes on from there', async () => {
    const keys = ['--pattern', '/killed/:ip/%key-%05d[3000];#50', '--test-end-key', '/killed/testEnd'];
    const args = ['driver:run', ...keys, ...steady(), ...output('killed'), '--resume-from', 'etcd', '--json'];
    const first = start(cluster, ...args, '--ip', '10.0.0.1', '--put-rate', '500/s');
    await vi.waitFor(async () => expect(await count('/killed/', cluster.endpoints)).toBeGreaterThan(1200), SOON);
    first.process.kill('SIGKILL');
    await first.ended;
    readSheet(join(folder, 'killed.csv'));

    // The pod that moved has another address; its keys keep the old one.
    const second = await run(cluster, ...args, '--ip', '10.0.0.2', '--duration', '2s', '--verify');
    expect(second.code, second.stderr).toBe(0);
    const report = JSON.parse(second.stdout);
    expect(report.gaps).toHaveLength(1);
    expect(Date.parse(report.gaps[0].to)).toBeGreaterThan(Date.parse(report.gaps[0].from));
    const [ramp] = rows('killed.csv', 'pattern-ramp').slice(-1);
    expect(Number(ramp!.puts)).toBeLessThan(2500);
    expect(await count('/killed/10.0.0.1/', cluster.endpoints)).toBe(3000);
    expect(await count('/killed/10.0.0.2/', cluster.endpoints)).toBe(0);
    expect(rows('killed.csv', 'pattern-summary')).toHaveLength(1);
  });
});

describe('the presets, scaled down by flags', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startEtcd();
  });
  afterAll(() => cluster.stop());

  test.each([
    ['one-million-keys', '/million/:ip/%group-%02d[5]/%set-%02d[4]/%key-%02d[5];#64', 100],
    [
      'armada-etcd-simulator',
      '/prefix/:ip/%level2-%06d[2]/%level3-%04d[3]/%level4-%04d[1]/%level5-%040d[10]/%level6-%040d[2]/%leaf7-%06d[2];[0-9]{140,160}',
      240,
    ],
    ['large-values', '/large/:ip/%group-%02d[2]/%object-%02d[3];#1048576', 6],
    ['kubernetes-like', '/registry/:ip/:kind/%namespace-%03d[5]/%object-%03d[5];#4096', 200],
    ['rules-engine', '/rules/:ip/%cluster-%03d[2]/%worker-%03d[3]/:actual_desired/%item-%02d[4];#120', 48],
  ])('%s', async (name, pattern, keys) => {
    const scaled = ['--pattern', pattern, '--put-rate', '0', '--ip', '10.0.0.9', '--duration', '2s', '--verify'];
    const { code, stdout, stderr } = await run(cluster, 'driver:run', '--workload', name, ...scaled, '--json');
    expect(code, stderr).toBe(0);
    const { verification } = JSON.parse(stdout);
    expect(verification).toMatchObject({ verdict: 'clean', ofKeys: keys });
    expect(await count(`${pattern.split(':ip')[0]}10.0.0.9/`, cluster.endpoints)).toBe(keys);
  });
});
