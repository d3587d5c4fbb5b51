import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-e2e-local-'));
  await mkdir(join(folder, 'tmp'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** `election:failover` on this machine alone; `onLine` is told each line of its progress. */
async function failover(argv: readonly string[], onLine: (line: string, pid: number) => void = () => undefined) {
  const { ETCDPERF_INVENTORY: _inventory, ETCDPERF_ENDPOINTS: _endpoints, ...inherited } = process.env;
  const child = spawn(process.execPath, [bin, 'election:failover', ...argv], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...inherited,
      TMPDIR: join(folder, 'tmp'),
      ETCDPERF_STATE_DIR: join(folder, 'state'),
      // Node's own, kept over all runs.
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    },
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    onLine(line, child.pid!);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, code] = await Promise.all([text(child.stdout), ended]);
  return { stdout, stderr: lines.join('\n'), code };
}

/** What a command left on this machine: its temporary files, and processes that have to do with them. */
async function leftovers(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return [...(await readdir(join(folder, 'tmp'))), ...commands.filter((command) => command.includes(folder))];
}

const small = ['--candidates', '3', '--agents', '30', '--keys', '100'];

test('the whole experiment on this machine: one object on stdout, nothing left', async () => {
  const { stdout, stderr, code } = await failover([...small, '--rounds', '1', '--json']);
  expect(code, stderr).toBe(0);
  const result = JSON.parse(stdout);
  const timing = { count: 30, minMs: expect.any(Number), meanMs: expect.any(Number), p50Ms: expect.any(Number) };
  const rest = { p90Ms: expect.any(Number), p99Ms: expect.any(Number), maxMs: expect.any(Number) };
  expect(result).toMatchObject({
    run: { dir: expect.stringContaining(join(folder, 'runs')) },
    agents: { expected: 30, registered: 30, lost: 0 },
    rounds: [
      {
        round: 2,
        killedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        from: expect.any(String),
        to: expect.any(String),
        floorMs: 1500,
        grantedTtlSeconds: 2,
        elected: { ms: expect.any(Number) },
        notified: { ...timing, ...rest, clockErrorMs: expect.any(Number) },
        obtained: { ...timing, ...rest, clockErrorMs: 0 },
        missed: 0,
        overlaps: 0,
      },
    ],
    generator: { cpuPercent: expect.any(Number), eventLoopLagP99Ms: expect.any(Number) },
  });
  expect(await leftovers()).toEqual([]);
});

test('Ctrl-C in the middle of a round leaves nothing behind but what was measured', async () => {
  let pressed = false;
  const { stderr, code } = await failover([...small, '--rounds', '50'], (line, pid) => {
    // Once: a second Ctrl-C leaves at once, without cleaning up.
    if (pressed || !line.startsWith('failover 2')) return;
    pressed = true;
    process.kill(pid, 'SIGINT');
  });
  expect(code, stderr).toBe(130);
  expect(await leftovers()).toEqual([]);
  const [run] = await readdir(join(folder, 'runs'));
  const read = async (file: string) => JSON.parse(await readFile(join(folder, 'runs', run!, file), 'utf8'));
  expect(await read('manifest.json')).toMatchObject({ status: 'interrupted', command: 'election:failover' });
  const result = await read('result.json');
  expect(result).toMatchObject({ agents: { expected: 30, registered: 30, lost: 0 } });
  expect(result.rounds[0]).toMatchObject({ round: 2, outcome: 'complete', missed: 0 });
  for (const round of result.rounds.slice(1)) expect(round.outcome).toBe('broken off');
});
