import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import HarnessFill from './fill.ts';

const bin = fileURLToPath(new URL('../../../../../bin/run.js', import.meta.url));
const SLOW = { timeout: 60_000, interval: 50 };

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-commands-'));
  const { code, stderr } = await etcdperf('harness:deploy', '--backend', 'local', 'one', '--members', '1').ended;
  expect(code, stderr).toBe(0);
});
afterAll(async () => {
  await etcdperf('harness:delete', 'one', '--yes').ended;
  rmSync(folder, { recursive: true, force: true });
});

/** Started as a user would, in a folder of its own. */
function etcdperf(...argv: string[]) {
  const { NODE_ENV: _testing, ETCDPERF_INVENTORY: _inventory, ...env } = process.env;
  const child = spawn(process.execPath, [bin, ...argv], {
    cwd: folder,
    env: { ...env, XDG_STATE_HOME: join(folder, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
  });
  return { child, said, ended };
}

const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');

test('logs: a table, and with --grep the lines; the same as JSON', async () => {
  const { code, stdout } = await etcdperf('harness:logs', '--grep', 'became leader', '--output', 'found').ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} member1 info {2}\w+ became leader at term 2/m);
  expect(stdout).toMatch(/^member1 .* {2}1 .*localhost:.*etcd\.one\.member1\/log$/m);
  const [id] = readdirSync(join(folder, 'found'));
  expect(read('found', id!, 'logs', 'one', 'member1.log')).toMatch(/became leader at term 2"}\n$/);
  expect(JSON.parse(read('found', id!, 'manifest.json'))).toMatchObject({
    status: 'done',
    config: { cluster: 'one', grep: 'became leader' },
  });

  const json = await etcdperf('harness:logs', 'one', '--last', '2', '--json', '--output', 'found').ended;
  expect(JSON.parse(json.stdout)).toMatchObject({
    outcome: 'done',
    clusters: [{ cluster: 'one', members: [{ member: 'member1', lines: 2, origin: { kind: 'file' } }] }],
  });
}, 180_000);

test('logs --follow: Ctrl-C ends it with 130, and what was gathered is kept', async () => {
  const follow = etcdperf('harness:logs', '--follow', '--output', 'followed');
  await vi.waitFor(() => expect(follow.said.stdout.split('\n').length).toBeGreaterThan(10), SLOW);
  follow.child.kill('SIGINT');
  const { code, stdout } = await follow.ended;
  expect(code).toBe(130);
  expect(stdout).toMatch(/^MEMBER .*LINES/m);
  const [id] = readdirSync(join(folder, 'followed'));
  expect(JSON.parse(read('followed', id!, 'manifest.json')).status).toBe('interrupted');
  const told = stdout.split('\n').filter((line) => /^\d\d:\d\d:\d\d\.\d{3} member1 /.test(line));
  expect(told.length).toBeGreaterThanOrEqual(10);
  expect(read('followed', id!, 'logs', 'one', 'member1.log').trimEnd().split('\n')).toHaveLength(told.length);
}, 180_000);

test('errors: an empty window is said plainly; JSON has a stable shape', async () => {
  const quiet = await etcdperf('harness:errors', '--since', '2026-01-01', '--until', '2026-01-02').ended;
  expect(quiet).toMatchObject({ code: 0, stdout: expect.stringContaining('no lines in this window') });
  const { code, stdout } = await etcdperf('harness:errors', 'one', '--json').ended;
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(Object.keys(report)).toEqual(['window', 'clusters']);
  expect(Object.keys(report.clusters[0])).toEqual(['cluster', 'kinds', 'members', 'minutes']);
  expect(report.clusters[0].members[0]).toMatchObject({ member: 'member1', level: 'info', unseen: [] });
  expect(report.clusters[0].members[0].sinceStart).toMatchObject({ slowApplies: expect.any(Number) });
}, 180_000);

test.each([
  [['harness:logs', 'nobody'], "there is no cluster 'nobody'"],
  [['harness:logs', '--grep', '('], "'(' is no regular expression"],
  [['harness:logs', '--member', 'member9'], "there is no member 'member9'"],
  [['harness:logs', '--since', 'soon'], "'soon' is no time"],
  [['harness:logs', '--follow', '--until', '1h'], '--follow goes on until Ctrl-C'],
  [['harness:errors', '--since', '1h', '--until', '2h'], 'the window ends before it begins'],
  [['harness:errors', '--neighbour', 'one'], 'cluster one is no neighbour of itself'],
  [['harness:errors', 'one', '--from', 'x'], 'the logs of --from say which clusters they are of'],
  [['harness:errors', '--from', 'no-such-run'], "no run 'no-such-run'"],
  [['harness:put-test', 'nobody'], "there is no local cluster 'nobody'"],
  [['harness:fill', '--kees', '1'], "did you mean '--keys'?"],
] as const)(
  'wrong input: %j',
  async (argv, message) => {
    const { code, stdout, stderr } = await etcdperf(...argv).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.replaceAll('\n', ' ')).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(readdirSync(folder)).not.toContain('runs');
  },
  120_000,
);

test('presets: what they run is shown, is run, and is one JSON', async () => {
  const dry = await etcdperf('harness:range-test', 'one', '--key-count', '1,10', '--dry-run').ended;
  expect(dry).toMatchObject({
    code: 0,
    stdout: 'etcdperf bench:sweep range --cluster one --cleanup --key-count 1,10\n',
  });
  const { code, stdout } = await etcdperf(
    'harness:put-test',
    'one',
    '--total',
    '100',
    '--clients',
    '10',
    '--json',
    '--runs-dir',
    'found',
  ).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ command: 'bench:put' });
}, 120_000);

test('a preset whose plugin is not installed says which one and how to get it', async () => {
  const config = {
    bin: 'etcdperf',
    findCommand: () => undefined,
    runHook: async () => ({ successes: [], failures: [] }),
  };
  const command = new HarnessFill(['--keys', '5'], config as never);
  await expect(command.run()).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('runs driver:fill, which the plugin @etcdperf/driver has; it is not installed'),
    hint: 'install it: etcdperf plugins install @etcdperf/driver',
  });
});
