import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEtcd } from '@etcdperf/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-examples-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  readonly isInterrupted: boolean;
}

/** Runs what one would type into a shell; once figures are shown it is interrupted, as most examples take very long. */
function runShell(text: string, endpoints: readonly string[]): Promise<Ended> {
  const { NODE_ENV: _testing, ETCDPERF_INVENTORY: _inventory, ...env } = process.env;
  const child = spawn('sh', ['-c', `trap : INT\netcdperf() { "$TEST_NODE" "$TEST_BIN" "$@"; }\n${text}`], {
    cwd: folder,
    env: { ...env, ETCDPERF_ENDPOINTS: endpoints.join(','), TEST_NODE: process.execPath, TEST_BIN: bin },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let stderr = '';
  let isInterrupted = false;
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    if (isInterrupted || !/\d s: /.test(stderr)) return;
    isInterrupted = true;
    process.kill(-child.pid!, 'SIGINT');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr, isInterrupted }));
  });
}

/** Each example of a command's help, as it is printed. */
async function examplesOf(id: string): Promise<string[]> {
  const child = spawn(process.execPath, [bin, id, '--help'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  const [, ...examples] = stdout.slice(stdout.indexOf('EXAMPLES')).split('$ etcdperf ');
  return examples.map((text) => `etcdperf ${text.split(/\n\s*\n/)[0]}`);
}

test.each(['driver:run', 'driver:pattern', 'driver:fill', 'driver:leases', 'driver:watch-tree', 'driver:stop'])(
  'the examples of %s work as its help prints them',
  async (id) => {
    const examples = await examplesOf(id);
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) {
      await using cluster = await startEtcd({ flags: { 'quota-backend-bytes': 16 * 2 ** 30 } });
      // What is as it happens to be on the user's machine.
      const here = example.replace('http://127.0.0.1:2379', cluster.endpoints[0]!).replace(' 9464', ' 0');
      const { code, stderr, isInterrupted } = await runShell(here, cluster.endpoints);
      expect(code, `${example}\n${stderr}`).toBe(isInterrupted ? 130 : 0);
      expect(stderr, example).not.toContain('error:');
    }
  },
  300_000,
);
