import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadReport } from '@etcdperf/core/load';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startCommand, startShell } from './testing/command-line.ts';
import { runsFolder } from './testing/run-work.ts';

const WAIT = { timeout: 30_000, interval: 20 };

let cluster: TestCluster;
let place: { readonly cwd: string; readonly endpoints: readonly string[] };
let folder: Awaited<ReturnType<typeof runsFolder>>;
beforeAll(async () => {
  cluster = await startEtcd();
  folder = await runsFolder();
  place = { cwd: folder.path, endpoints: cluster.endpoints };
});
afterAll(async () => {
  await cluster.stop();
  await folder[Symbol.asyncDispose]();
});

async function bench(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await startCommand(argv, { ...place, env }).ended;
  return { code, stdout, stderr };
}

async function count(prefix: string, endpoints = cluster.endpoints): Promise<number> {
  await using client = await WireClient.connect({ endpoints });
  return (await client.range(prefix, { prefix: true, countOnly: true })).count;
}

async function readJson(...path: string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(...path), 'utf8'));
}

async function samplesOf(runFolder: string): Promise<{ series: { ok: number }[] }[]> {
  const text = await readFile(join(runFolder, 'samples.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

test('puts at a rate: the report in JSON, thresholds judged, progress kept from stdout', async () => {
  const rated = ['bench:put', '--rate', '200', '--total', '100', '--prefix', 'rate/', '--sequential-keys', '--json'];
  const fine = await bench([...rated, '--threshold', 'p99<60s', '--threshold', 'put.fail<1']);
  expect({ code: fine.code, stderr: fine.stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('looking'),
  });
  const report: LoadReport = JSON.parse(fine.stdout);
  expect(report).toMatchObject({ command: 'bench:put', ending: { kind: 'complete' }, sent: 100 });
  expect(report.thresholds.map(({ isMet }) => isMet)).toEqual([true, true]);
  expect(await count('rate/')).toBe(100);
  expect(await readJson(report.runFolder, 'manifest.json')).toMatchObject({ status: 'done', command: 'bench:put' });

  const missed = await bench([...rated, '--threshold', 'p50<1ns']);
  expect(missed.code).toBe(3);
});

test('intervals as CSV and JSON lines on stdout, the report on stderr', async () => {
  const load = ['bench:put', '--rate', '100', '--total', '60', '--interval', '200ms', '--interval-format'];
  const csv = await bench([...load, 'csv']);
  const [header, ...lines] = csv.stdout.trimEnd().split('\n');
  expect(header).toContain('p99_ms');
  expect(lines.length).toBeGreaterThan(1);
  expect(new Set(lines.map((line) => line.split(',').length))).toEqual(new Set([header?.split(',').length]));
  expect(csv.stderr).toContain('bench:put: 60 requests');
  const jsonl = await bench([...load, 'jsonl']);
  const samples = jsonl.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(samples.reduce((sum, sample) => sum + sample.sent, 0)).toBe(60);
});

describe('wrong input is told, and nothing is touched', () => {
  test.each<[string[], string]>([
    [['bench:put', '--total', '5', '--duration', '1s'], '--total and --duration'],
    [['bench:put', '--sequential-keys', '--key-distribution', 'zipfian'], '--sequential-keys'],
    [['bench:put', '--max-in-flight', '5'], '--rate'],
    [['bench:put', '--key-size', '2', '--key-space-size', '101'], 'there are only 100 keys of 2 digits'],
    [['bench:put', '--key-distribution', 'zipfian:x'], 'zipfian:x'],
    [['bench:put', '--value', 'file:/nowhere'], '/nowhere'],
    [['bench:put', '--threshold', 'p99=5'], 'p99=5'],
    [['bench:put', '--user', 'root:secret'], 'no place on a command line'],
    [['bench:put', '--auto-sync-interval', '5'], "'5' is no duration"],
    [['bench:put', '--auto-sync-interval', '1s', '--target', 'leader'], '--auto-sync-interval'],
    [['bench:put', '--target', 'm7'], "no member 'm7'"],
    [['bench:txn-put', '--txn-ops', '11', '--key-space-size', '10'], '11 different keys'],
    [['bench:range', 'b', 'a'], "no keys from 'b' to 'a'"],
    [['bench:range', 'a', 'b', '--prefix'], 'END, --prefix'],
    [['bench:range', '--paginate'], 'name it with KEY'],
    [['bench:range', 'a', '--keys-only', '--count-only'], '--count-only'],
    [['bench:txn-mixed', 'a', '--single-keys'], '--single-keys'],
    [['bench:txn-mixed', 'a', 'b', '--end-key', 'c'], 'END and --end-key'],
    [['bench:txn-mixed', '--rw-ratio', '-1'], '--rw-ratio'],
    [['bench:mvcc-get', '--cleanup'], '--fill'],
    [['bench:mvcc-get', '--fill', '--from-revision', '3'], '--from-revision'],
  ])('%j', async (argv, message) => {
    await using elsewhere = await runsFolder();
    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    const before = (await client.range('x', { countOnly: true })).header.revision;
    const { code, stdout, stderr } = await startCommand(argv, { ...place, cwd: elsewhere.path }).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('secret');
    expect(await readdir(elsewhere.path)).toEqual([]);
    expect((await client.range('x', { countOnly: true })).header.revision).toBe(before);
  });
});

test('to the leader of three members over mutual TLS, in two threads', async () => {
  await using guarded = await startEtcd({ members: 3, tls: 'mutual' });
  const { ca, client } = guarded.certificates!;
  await using elsewhere = await runsFolder();
  const pem = { 'ca.pem': ca, 'cert.pem': client.cert, 'key.pem': client.key };
  for (const [name, content] of Object.entries(pem)) await writeFile(join(elsewhere.path, name), content);
  const there = { cwd: elsewhere.path, endpoints: guarded.endpoints };
  const put = [
    'bench:put',
    '--threads',
    '2',
    '--conns',
    '4',
    '--clients',
    '20',
    '--total',
    '500',
    '--target',
    'leader',
  ];
  const tls = ['--cacert', 'ca.pem', '--cert', 'cert.pem', '--key', 'key.pem'];
  const { code, stdout, stderr } = await startCommand([...put, ...tls, '--check-hashkv', '--json'], there).ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const report: LoadReport = JSON.parse(stdout);
  expect(report).toMatchObject({ series: [{ ok: 500, fail: 0, unknown: 0 }], hashes: { verdict: 'equal' } });
  expect(report.endpoints).toEqual([(await guarded.leader()).endpoint]);
  expect(report.members.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined]);
});

test('endpoints that mix TLS and plain, and one that nobody listens on', async () => {
  const mixed = await bench(['bench:put', '--endpoints', `${cluster.endpoints[0]},https://127.0.0.1:1`]);
  expect(mixed).toMatchObject({ code: 2, stderr: expect.stringContaining('mix TLS and plain') });
  const nobody = await bench(['bench:put', '--endpoints', 'http://127.0.0.1:1', '--dial-timeout', '1s']);
  expect(nobody).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('127.0.0.1:1') });
});

test('a wrong password is refused before anything else', async () => {
  await using guarded = await startEtcd();
  const post = async (path: string, body: object) => {
    const response = await fetch(`${guarded.endpoints[0]}/v3/auth/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  };
  await post('user/add', { name: 'root', password: 'right' });
  await post('role/add', { name: 'root' });
  await post('user/grant', { user: 'root', role: 'root' });
  await post('enable', {});
  await using elsewhere = await runsFolder();
  const there = { cwd: elsewhere.path, endpoints: guarded.endpoints };
  const put = ['bench:put', '--total', '50', '--prefix', 'auth/', '--user', 'root', '--cleanup'];
  const wrong = await startCommand(put, { ...there, env: { ETCDPERF_PASSWORD: 'a-wrong-one' } }).ended;
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toMatch(/authentication failed|invalid user ID or password/);
  expect(wrong.stderr).not.toContain('a-wrong-one');
  expect(await readdir(elsewhere.path)).toEqual([]);

  await writeFile(join(elsewhere.path, 'password'), 'right\n');
  const right = await startCommand([...put, '--password-file', 'password', '--json'], there).ended;
  expect(right).toMatchObject({ code: 0 });
  const report: LoadReport = JSON.parse(right.stdout);
  expect(report.series).toMatchObject([{ ok: 50 }]);
  expect(JSON.stringify(await readJson(report.runFolder, 'manifest.json'))).not.toContain('right');
});

test('quota exceeded in the middle: the run ends with what it has, and says so', async () => {
  await using small = await startEtcd({ flags: { 'quota-backend-bytes': 8_000_000 } });
  const put = ['bench:put', '--val-size', '100000', '--total', '2000', '--clients', '4', '--cleanup'];
  const { code, stdout, stderr } = await startCommand(put, { ...place, endpoints: small.endpoints }).ended;
  expect(code).toBe(1);
  expect(stderr).toContain('etcd will refuse writes on the way');
  expect(stdout).toContain('stopped: ');
  expect(stdout).toContain('database space exceeded');
  const result = await readJson(/^run: (.*)$/m.exec(stdout)![1]!, 'result.json');
  const report = result as unknown as LoadReport;
  expect(report.ending).toMatchObject({ kind: 'stopped' });
  const [{ ok, unknown }] = report.series as [LoadReport['series'][0]];
  expect(ok).toBeGreaterThan(10);
  expect(ok + unknown).toBeLessThan(2000);
  // A full etcd still deletes.
  expect(await count('bench/', small.endpoints)).toBe(0);
});

test('a revision that is compacted away', async () => {
  await bench(['bench:put', '--total', '30', '--sequential-keys', '--prefix', 'old/']);
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  const newest = (await client.range('old/', { prefix: true })).header.revision;
  await client.compact(newest - 3);
  const { code, stderr } = await bench(['bench:mvcc-get', '--key-prefix', 'old/', '--from-revision', `${newest - 9}`]);
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('is compacted away') });
  expect(stderr).toContain(`--from-revision ${newest - 3}`);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s: the summary is printed, the folder is complete', async (signal) => {
  const prefix = `${signal}/`;
  const argv = ['bench:put', '--duration', '10m', '--rate', '500', '--interval', '100ms', '--prefix', prefix];
  const command = startCommand([...argv, '--sequential-keys', '--key-space-size', '1000000'], place);
  await vi.waitFor(() => expect(command.stderr).toMatch(/ of 600 s: .*\n.* of 600 s/), WAIT);
  command.process.kill(signal);
  const { code, stdout } = await command.ended;
  expect(code).toBe(130);
  expect(stdout).toContain('interrupted: these are the figures until then');
  const runFolder = /^run: (.*)$/m.exec(stdout)![1]!;
  const report = (await readJson(runFolder, 'result.json')) as unknown as LoadReport;
  const [{ ok, unknown }] = report.series as [LoadReport['series'][0]];
  expect(report.ending).toEqual({ kind: 'interrupted' });
  expect(await readJson(runFolder, 'manifest.json')).toMatchObject({ status: 'interrupted' });
  expect((await samplesOf(runFolder)).reduce((sum, { series }) => sum + series[0]!.ok, 0)).toBe(ok);
  const there = await count(prefix);
  expect(there).toBeGreaterThanOrEqual(ok);
  expect(there).toBeLessThanOrEqual(ok + unknown);
});

test('kill -9: the folder can be read up to the last interval', async () => {
  const argv = ['bench:put', '--duration', '10m', '--rate', '500', '--interval', '100ms', '--prefix', 'kill/'];
  const command = startCommand([...argv, '--runs-dir', 'killed'], place);
  await vi.waitFor(() => expect(command.stderr.split(' of 600 s').length).toBeGreaterThan(4), WAIT);
  command.process.kill('SIGKILL');
  await command.ended;
  const [name] = await readdir(join(place.cwd, 'killed'));
  const runFolder = join(place.cwd, 'killed', name!);
  const samples = await samplesOf(runFolder);
  expect(samples.length).toBeGreaterThanOrEqual(3);
  expect(samples.reduce((sum, { series }) => sum + series[0]!.ok, 0)).toBeGreaterThan(0);
  expect(await readJson(runFolder, 'manifest.json')).toMatchObject({ status: 'running' });
  const shown = await bench(['runs:show', runFolder, '--json']);
  expect(shown.code).toBe(0);
});

/** Each example of a command's help, as it is printed. */
async function examplesOf(id: string): Promise<string[]> {
  const { stdout } = await bench([id, '--help'], { FORCE_COLOR: '0' });
  const [, ...examples] = stdout.slice(stdout.indexOf('EXAMPLES')).split('$ etcdperf ');
  return examples.map((text) => `etcdperf ${text.split(/\n\s*\n/)[0]}`);
}

test.each(['bench:put', 'bench:range', 'bench:txn-put', 'bench:txn-mixed', 'bench:mvcc-get'])(
  'the examples of %s work as its help prints them',
  async (id) => {
    await bench(['bench:put', '--sequential-keys', '--total', '10000', '--clients', '100', '--connections', '4']);
    const examples = await examplesOf(id);
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) {
      const { code, stderr } = await startShell(example, place).ended;
      // How quick this machine is decides whether a threshold is met.
      const expected = example.includes('--threshold') ? [0, 3] : [0];
      expect(expected, `${example}\n${stderr}`).toContain(code);
    }
  },
  400_000,
);
