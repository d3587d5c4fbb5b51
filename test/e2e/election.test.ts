import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createLab, type Lab } from '@etcdperf/core/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let lab: Lab;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-e2e-election-'));
  lab = await createLab({ hosts: 6 });
}, 180_000);

afterAll(async () => {
  await lab?.down();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

function start(...argv: string[]): ChildProcess {
  return spawn(process.execPath, [bin, ...argv, '--inventory', lab.inventoryPath], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: '1' },
  });
}

async function finish(child: ChildProcess) {
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
  return { stdout, stderr, code };
}

/** Runs a command to its end, which must be a good one, and returns what `--json` says. */
async function etcdperf(...argv: string[]) {
  const { stdout, stderr, code } = await finish(start(...argv, '--json'));
  expect(code, `${argv.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  return JSON.parse(stdout);
}

/** Names of daemon folders on hosts that belong to an election. */
async function leftovers(hosts = lab.hosts): Promise<string[]> {
  const listed = await Promise.all(
    hosts.map((host) => host.exec(['sh', '-c', 'ls /var/lib/etcdperf/daemons 2>/dev/null || true'])),
  );
  return listed.flatMap(({ stdout }) => stdout.split('\n').filter((name) => name.startsWith('election-')));
}

describe('an election on six hosts', { timeout: 300_000 }, () => {
  test('from bare hosts to a summary, with a host cut off in between, and nothing left', async () => {
    await etcdperf('hosts:init');
    await etcdperf('harness:deploy');
    expect(await etcdperf('election:init', '--keys', '2000')).toMatchObject({ filled: { keys: 2000 } });

    const masters = await etcdperf('election:masters', '--count', '3');
    expect(new Set(masters.candidates.map((one: { host: string }) => one.host)).size).toBe(3);
    const agents = await etcdperf('election:agents', '--count', '100');
    expect(agents).toMatchObject({ agents: { expected: 300, registered: 300 }, round: 1 });

    const failover = start('election:failover', '--rounds', '2', '--json');
    const outcome = finish(failover);
    const killing = new Promise<void>((resolve) => {
      createInterface({ input: failover.stderr! }).on('line', (line) => line.includes('killing') && resolve());
    });
    await Promise.race([killing, outcome]);
    await lab.host('node6').cutFor(5000);
    const { stdout, stderr, code } = await outcome;
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ agents: { expected: 300, registered: 300, lost: 0 }, candidates: 3 });
    expect(result.rounds).toHaveLength(2);
    for (const round of result.rounds) {
      expect(round).toMatchObject({ missed: 0, overlaps: 0, grantedTtlSeconds: 2, floorMs: 1500 });
      expect(round.from).not.toBe(round.to);
      expect(round.notified.clockErrorMs).toBeGreaterThan(0);
      // Who was cut off is notified late, and the others are not.
      expect(round.notified.p50Ms).toBeLessThan(5000);
    }

    const summary = await etcdperf('election:summary', '--round', '3');
    expect(summary.source.dir).toBe(result.run.dir);
    expect(summary.rounds[0]).toMatchObject({ round: 3, agents: 300, notified: { count: 300 } });
    const recorded = await etcdperf('election:summary', '--from-etcd', '--round', '3');
    expect(recorded.rounds[0]).toMatchObject({ agents: 300 });

    const stopped = await etcdperf('election:stop');
    expect(stopped.hosts.map((host: { status: string }) => host.status)).toEqual(Array(6).fill('ok'));
    expect(await leftovers()).toEqual([]);
    expect(await readdir(stopped.run.dir)).toContain('manifest.json');
  });

  test('Ctrl-C while agents start leaves hosts clean and results kept; a host that is down does not keep the others', async () => {
    await etcdperf('hosts:init');
    await etcdperf('harness:deploy');
    await etcdperf('election:masters', '--count', '3');

    const agents = start('election:agents', '--count', '2000');
    let pressed = false;
    createInterface({ input: agents.stderr! }).on('line', (line) => {
      // Once: a second Ctrl-C leaves at once, without cleaning up.
      if (pressed || !line.includes('registered')) return;
      pressed = true;
      agents.kill('SIGINT');
    });
    expect((await finish(agents)).code).toBe(130);
    expect((await leftovers()).filter((name) => name.includes('agents'))).toEqual([]);
    const runs = await etcdperf('runs:list');
    expect(JSON.stringify(runs)).toContain('interrupted');

    await lab.host('node6').kill();
    const { code, stdout } = await finish(start('election:stop', '--json'));
    expect(code).toBe(1);
    const { hosts } = JSON.parse(stdout);
    expect(
      hosts.filter((host: { status: string }) => host.status === 'failed').map((host: { host: string }) => host.host),
    ).toEqual(['node6']);
    expect(await leftovers(lab.hosts.slice(0, 5))).toEqual([]);
  });
});
