import { readdir } from 'node:fs/promises';
import type { LoadReport } from '@etcdperf/core/load';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startCommand } from '../../../testing/command-line.ts';
import { runsFolder } from '../../../testing/run-work.ts';

let cluster: TestCluster;
let client: WireClient;
let folder: Awaited<ReturnType<typeof runsFolder>>;
let place: { readonly cwd: string; readonly endpoints: readonly string[] };
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints });
  folder = await runsFolder();
  place = { cwd: folder.path, endpoints: cluster.endpoints };
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
  await folder[Symbol.asyncDispose]();
});

const allKeys = async () => (await client.range('', { prefix: true, countOnly: true })).count;
// Wide enough for a busy machine.
const rated = ['bench:check:perf', '--rate', '100', '--clients', '20'];
const short = [...rated, '--duration', '1s'];
const lenient = [...short, '--limit-rate', '50', '--limit-slowest', '1m', '--limit-stddev', '1m'];

test('perf: a verdict for each criterion, the last line for all; nothing is left', async () => {
  const { code, stdout } = await startCommand(lenient, place).ended;
  expect(stdout).toContain('p99.9');
  expect(stdout.trimEnd().split('\n').slice(-5)).toEqual([
    'PASS: no write failed',
    expect.stringMatching(/^PASS: throughput is [\d.]+ writes\/s, more than 50 are asked for$/),
    expect.stringMatching(/^PASS: the slowest write took .* are allowed$/),
    expect.stringMatching(/^PASS: the standard deviation is .* are allowed$/),
    'PASS',
  ]);
  expect(code).toBe(0);
  expect(await allKeys()).toBe(0);
});

test('perf: it fails with 3', async () => {
  const { code, stdout } = await startCommand([...short, '--limit-slowest', '1ms', '--limit-rate', '0'], place).ended;
  expect(code).toBe(3);
  expect(stdout).toContain('FAIL: the slowest write took');
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('FAIL');
});

test('datascale, in JSON', async () => {
  const argv = ['bench:check:datascale', '--keys', '500', '--connections', '2', '--clients', '10', '--auto-compact'];
  const { code, stdout } = await startCommand([...argv, '--auto-defrag', '--json'], place).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    sent: 500,
    check: { verdict: 'pass', criteria: [{ name: 'errors' }, { name: 'memory of m1' }, { name: 'database of m1' }] },
  });
  expect(await allKeys()).toBe(0);
});

test.each(['perf', 'datascale'])('%s: a prefix with keys is wrong input, and nothing is touched', async (check) => {
  await client.put('/mine/1', 'x');
  await using elsewhere = await runsFolder();
  const argv = [`bench:check:${check}`, '--prefix', '/mine/'];
  const { code, stdout, stderr } = await startCommand(argv, { ...place, cwd: elsewhere.path }).ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain("there is a key below '/mine/' already");
  expect(await readdir(elsewhere.path)).toEqual([]);
  expect(await client.deleteRange('/mine/1')).toMatchObject({ deleted: 1 });
});

test('perf: Ctrl-C gives figures and no verdict, and cleans up', async () => {
  const command = startCommand([...rated, '--duration', '10m', '--interval', '100ms', '--json'], place);
  await vi.waitFor(() => expect(command.stderr).toContain(' of 600 s'), { timeout: 30_000, interval: 20 });
  command.process.kill('SIGINT');
  const { code, stdout } = await command.ended;
  expect(code).toBe(130);
  const report: LoadReport = JSON.parse(stdout);
  expect(report).toMatchObject({ ending: { kind: 'interrupted' }, check: { verdict: 'none' } });
  expect(await allKeys()).toBe(0);
});
