import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { parse } from 'yaml';

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface EndedCommand<T = unknown> {
  readonly code: number | null;
  /** What `--json` printed. */
  readonly result: T;
  /** All of its output, for messages. */
  readonly said: string;
}

/** The command line as users run it, with --json, in the inventory's folder. */
export function etcdperf<T>(inventory: string, ...args: string[]): Promise<EndedCommand<T>> {
  const { NODE_ENV: _testing, ETCDPERF_ENDPOINTS: _endpoints, KUBECONFIG: _kubeconfig, ...env } = process.env;
  const child = spawn(process.execPath, [BIN, ...args, '--json'], {
    cwd: dirname(inventory),
    env: { ...env, CI: '1', ETCDPERF_INVENTORY: inventory },
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
    child.once('error', reject);
    child.once('close', (code) => {
      const said = `$ etcdperf ${args.join(' ')}\n${stderr}\n${stdout}`;
      try {
        resolve({ code, result: JSON.parse(stdout || 'null') as T, said });
      } catch {
        reject(new Error(`no JSON: ${said}`));
      }
    });
  });
}

/** The same for a command that is to succeed: its result. */
export async function succeed<T>(inventory: string, ...args: string[]): Promise<T> {
  const { code, result, said } = await etcdperf<T>(inventory, ...args);
  expect(code, said).toBe(0);
  return result;
}

/** What a healthy cluster says of itself; on a slow machine a member may not answer in the time that a look has. */
function statusOfHealthy(inventory: string, cluster: string): Promise<Status> {
  return vi.waitFor(() => succeed<Status>(inventory, 'harness:status', cluster), { timeout: 120_000, interval: 500 });
}

interface Status {
  readonly healthy: boolean;
  readonly leader: string;
  readonly members: readonly { readonly name: string; readonly healthy: boolean; readonly version: string }[];
}

/**
 * A cluster's whole life by the commands of the harness: certificates, deployment, ways to it, a look at it, load,
 * restarts, defragmentation, logs and what went wrong in them, its end. The inventory has `cluster`, of three members,
 * with `tls.dir` or no TLS, and nothing of it stands yet. Where a member that ends does not start again, restarts are refused.
 */
export async function liveThrough(
  inventory: string,
  cluster: string,
  { startsAgain = true }: { readonly startsAgain?: boolean } = {},
): Promise<void> {
  const described = () => parse(readFileSync(inventory, 'utf8')).clusters[cluster];
  const isSecure = described().tls !== undefined;
  if (isSecure) await succeed(inventory, 'harness:certs', cluster);
  const deployed = await succeed<{ outcome: { kind: string } }>(inventory, 'harness:deploy', cluster);
  expect(deployed.outcome.kind).toBe('deployed');
  const again = await succeed<{ outcome: { kind: string } }>(inventory, 'harness:deploy', cluster);
  expect(again.outcome.kind).toBe('unchanged');

  await succeed(inventory, 'harness:endpoints', cluster, '--save');
  const saved = described().endpoints;
  expect(saved.length).toBeGreaterThan(0);
  for (const url of saved) expect(url).toMatch(isSecure ? /^https:/ : /^http:/);

  const status = await statusOfHealthy(inventory, cluster);
  expect(status).toMatchObject({ healthy: true, leader: expect.any(String) });
  expect(status.members).toHaveLength(3);

  const load = await succeed<{ series: readonly unknown[] }>(
    ...([inventory, 'bench:put', '--cluster', cluster, '--total', '2000', '--clients', '20'] as const),
    ...['--connections', '4', '--val-size', '256'],
  );
  expect(load).toBeTruthy();

  const restart = await etcdperf(inventory, 'harness:restart', cluster, '--all', '--pause', '1s', '--leader-last');
  expect(restart.code, restart.said).toBe(startsAgain ? 0 : 1);
  if (!startsAgain) expect(restart.said).toContain('its operator makes a new, empty member instead');
  await succeed(inventory, 'harness:defrag', cluster, '--compact');
  expect((await statusOfHealthy(inventory, cluster)).healthy).toBe(true);

  const runs = join(dirname(inventory), 'runs');
  await succeed(inventory, 'harness:logs', cluster, '--since', '1h', '--runs-dir', runs);
  const folder = readdirSync(runs).find((name) => name.includes('harness-logs'))!;
  const logs = readdirSync(join(runs, folder), { recursive: true, encoding: 'utf8' });
  for (const { name } of status.members) expect(logs.filter((file) => file.includes(name))).not.toEqual([]);
  await succeed(inventory, 'harness:errors', cluster, '--since', '1h');

  await succeed(inventory, 'harness:delete', cluster, '--data', '--yes');
  expect((await etcdperf(inventory, 'harness:status', cluster)).code).not.toBe(0);
}
