import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const FILES: Readonly<Record<string, string>> = {
  'typo.yaml': 'pattern: /p/%k-%02d[9];#10\nreads: { level: 1, rate: 5/s, keysonly: true }\n',
  'bare-rate.yaml': 'pattern: /p/%k-%02d[9];#10\nvalueChurn: { rate: 7920 }\n',
  'deep.yaml': 'pattern: /p/%k-%02d[9];#10\nreads: { level: 7, rate: 5/s }\n',
  'caret.yaml': 'pattern: /p/%k-%02d;#10\n',
  'other.csv': 'name,age\n',
};

let folder: string;
let cluster: TestCluster;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-bad-input-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, 'folder.csv'));
  chmodSync(join(folder, 'other.csv'), 0o444);
  // Room for 2000 keys of 10 KB, not for 200,000.
  cluster = await startEtcd({ flags: { 'quota-backend-bytes': 64 << 20 } });
});
afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

function etcdperf(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { NODE_ENV: _testing, ETCDPERF_INVENTORY: _inventory, ...env } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    env: { ...env, ETCDPERF_ENDPOINTS: cluster.endpoints.join(',') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Of the store: every write of anybody raises it. */
async function revision(): Promise<bigint> {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  return BigInt((await client.range('x')).header.revision);
}

/** That the command refuses its input, says that, and leaves no trace in etcd or in its folder. */
async function expectRefusal(args: readonly string[], ...named: readonly (string | RegExp)[]): Promise<void> {
  const { code, stdout, stderr } = await etcdperf(args);
  expect(code, stderr).toBe(2);
  for (const part of named) expect(stderr).toMatch(part);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout).toBe('');
  expect(await revision()).toBe(1n);
  expect(readdirSync(folder).sort()).toEqual([...Object.keys(FILES), 'folder.csv'].sort());
}

const good = ['--pattern', '/p/:ip/%k-%02d[9];#10'];

describe('a pattern that does not parse is shown with a caret under the place', () => {
  test.each([
    ['p/%k-%02d[9];#10', 0],
    ['/p/%k-%02d;#10', 3],
    ['/p/%k-%02d[0];#10', 11],
    ['/p/[a-z]*;#10', 8],
    ['/p/[a-z]+;#10', 8],
    ['/p/[a-z]{3,};#10', 8],
    ['/p/(a)\\1;#10', 6],
    ['/p/(?=a)b;#10', 3],
    ['/p/^a;#10', 3],
    ['/p/:regoin/a;#10', 3],
    ['/p/[a-z;#10', 3],
    ['/p/%k-%02d[9]', 13],
    ['/p//a;#10', 3],
    ['/p/a;#0', 5],
  ])('%s', async (pattern, place) => {
    const under = new RegExp(`^( *)${literally(pattern)}\n\\1 {${place}}\\^`, 'm');
    await expectRefusal(['driver:run', '--pattern', pattern], under);
  });

  test('driver:pattern too, and a file', async () => {
    await expectRefusal(['driver:pattern', '--explain', '/p/[a-z]*;#10'], /\n +\^/);
    await expectRefusal(['driver:run', '--workload', 'caret.yaml'], /\n +\^/);
  });
});

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

describe('driver:run', () => {
  test.each<[string, string[], (string | RegExp)[]]>([
    ['without a pattern', [], ['--pattern']],
    ['a flag that is none', [...good, '--churn-lvl', '1'], ["did you mean '--churn-level'?"]],
    ['a rate that is none', [...good, '--get-rate', 'fast'], ['fast', '7920']],
    ['sizes the wrong way round', [...good, '--val-spec', '30,10'], ['30,10']],
    ['a level beyond the hierarchy', [...good, '--get-rate', '10', '--get-level', '3'], ['--get-level', 'level 3']],
    ['churn beyond it', [...good, '--churn-level-rate', '10', '--churn-level', '9'], ['--churn-level', 'level 9']],
    ['watches beyond it', [...good, '--watch-counts-per-level', '0,0,0,n'], ['--watch-counts-per-level', 'level 3']],
    ['churn on level 0', [...good, '--churn-level-rate', '10', '--churn-level', '0'], ['--churn-level', 'level 0']],
    ['a key space over the quota', ['--pattern', '/p/:ip/%k-%06d[200000];#10000'], ['quota']],
    ['pacing what is not loaded', [...good, '--skip-init', '--put-rate', '10'], ['--skip-init', '--put-rate']],
    ['nothing to do', [...good, '--skip-init'], ['nothing']],
    ['a csv file in no folder', [...good, '--csv-file', 'no/such/file.csv'], ['no/such/file.csv']],
    ['a csv file that is a folder', [...good, '--csv-file', 'folder.csv'], ['folder.csv']],
    ["a csv file that is another's", [...good, '--csv-file', 'other.csv'], ['other.csv']],
    ['a rule without values', [...good, '--rule', 'zone'], ['zone']],
    ['a lease that ends at once', [...good, '--leases', '5', '--lease-ttl', '0'], ['--lease-ttl']],
    ['a number of clients', [...good, '--clients', '0'], ['--clients']],
    ['a file with a typo', ['--workload', 'typo.yaml'], ['typo.yaml:2:31', "did you mean 'keysOnly'?"]],
    ['a file with a bare rate', ['--workload', 'bare-rate.yaml'], ['bare-rate.yaml:2:21', '7920/h']],
    ['a file with a level too many', ['--workload', 'deep.yaml'], ['level 7', 'reads.level']],
    ['a file that is not there', ['--workload', 'tpyo.yaml'], ['no such workload', 'typo.yaml']],
    ['a preset with a typo', ['--workload', 'kubernets-like'], ["did you mean 'kubernetes-like'?"]],
    ['two sources of a state', [...good, '--resume-from', 'memory'], ['--resume-from']],
  ])('%s', async (_what, args, named) => {
    await expectRefusal(['driver:run', '--duration', '1s', ...args], ...named);
  });
});

describe('the other commands', () => {
  test.each<[string[], (string | RegExp)[]]>([
    [
      ['driver:fill', ...good],
      ['--gb', '--keys'],
    ],
    [['driver:fill', ...good, '--gb', '5'], ['quota']],
    [['driver:fill', ...good, '--gb', '-1'], ['--gb']],
    [['driver:leases', '--count', '0'], ['--count']],
    [['driver:leases', '--count', '10', '--ttl', '0s'], ['--ttl']],
    [['driver:watch-tree', ...good, '--watch-counts-per-level', 'all'], ['all']],
    [['driver:pattern'], ['pattern']],
    [['driver:stop', '--timeout', 'soon'], ['soon']],
  ])('%j', async (args, named) => {
    await expectRefusal(args, ...named);
  });

  test.each([
    ['driver:run', ...good, '--duration', '1s'],
    ['driver:fill', ...good, '--keys', '5'],
    ['driver:leases', '--count', '5'],
    ['driver:watch-tree', ...good, '--watch-counts-per-level', 'n'],
    ['driver:stop'],
  ])('%s %s: a cluster that is down: what, where, what to try', async (...args) => {
    const { code, stdout, stderr } = await etcdperf([...args, '--endpoints', 'http://127.0.0.1:1']);
    expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('127.0.0.1:1');
    expect(stderr).toContain('try: ');
    rmSync(join(folder, 'runs'), { recursive: true, force: true });
  });
});
