import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LocalExecutor } from '../ssh/index.ts';
import {
  DAEMON_SCRIPT,
  type DaemonSpec,
  daemonConfig,
  daemonDir,
  daemonLog,
  daemonState,
  killDaemon,
  listDaemons,
  removeDaemon,
  restartDaemon,
  startDaemon,
  stopDaemon,
} from './index.ts';

const SOON = { timeout: 30_000, interval: 20 };
const host = new LocalExecutor();
let workDir: string;

beforeEach(() => {
  workDir = mkdtempSync(join(tmpdir(), 'etcdperf-daemon-'));
});

afterEach(async () => {
  for (const name of (await listDaemons(host, workDir)).keys()) await removeDaemon(host, workDir, name, { graceMs: 0 });
  rmSync(workDir, { recursive: true, force: true });
});

const sh = (name: string, script: string, more: Partial<DaemonSpec> = {}): DaemonSpec => ({
  name,
  argv: ['sh', '-c', script, name],
  ...more,
});
const sleeper = (name: string, more: Partial<DaemonSpec> = {}) => ({ name, argv: ['sleep', '1000'], ...more });
const start = (spec: DaemonSpec) => startDaemon(host, workDir, spec);
/** Starts a script that waits until it has been seen to run (one that ends at once is an error), then lets it go on. */
async function play(name: string, script: string, more: Partial<DaemonSpec> = {}): Promise<void> {
  const gate = join(workDir, `${name}.gate`);
  await start(sh(name, `until [ -e ${gate} ]; do sleep 0.01; done; ${script}`, more));
  await writeFile(gate, '');
  await until(name, 'exited');
  await rm(gate);
}
const state = (name: string) => daemonState(host, workDir, name);
const log = (name: string) => readFile(daemonLog(workDir, name), 'utf8');

/** Fields of /proc/<pid>/stat from the state on. */
async function statOf(pid: number): Promise<string[]> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8');
  return line.slice(line.lastIndexOf(')') + 2).split(' ');
}
const keeperOf = async (pid: number) => Number((await statOf(pid))[1]);
const isGone = (pid: number) => vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false), SOON);
const until = (name: string, kind: 'running' | 'exited') =>
  vi.waitFor(async () => {
    const now = await state(name);
    expect(now.kind).toBe(kind);
    return now;
  }, SOON);

describe('start', () => {
  test('runs the program in a session and group of its own', async () => {
    const daemon = await start(sleeper('one'));
    const [, , pgrp, session] = await statOf(daemon.pid);
    expect([Number(pgrp), Number(session)]).toEqual([daemon.pid, daemon.pid]);
    expect((await readFile(`/proc/${daemon.pid}/cmdline`, 'utf8')).split('\0')).toEqual(['sleep', '1000', '']);
    expect(await state('one')).toEqual(daemon);
  });

  test('hands over arguments and environment exactly, whatever they hold', async () => {
    const odd = `it's "a" $HOME \`x\` \\ * \n=`;
    const { pid } = await start({ name: 'odd', argv: ['sh', '-c', 'sleep 1000; :', odd], env: { ODD: odd } });
    expect((await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')[3]).toBe(odd);
    expect((await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0')).toContain(`ODD=${odd}`);
  });

  test('its folder is the working directory unless another is named', async () => {
    await play('here', 'pwd');
    await play('there', 'pwd', { cwd: '/' });
    expect([await log('here'), await log('there')]).toEqual([`${daemonDir(workDir, 'here')}\n`, '/\n']);
  });

  test('writes the config for its owner only, and removes it at a start without one', async () => {
    await play('c', 'cat config', { config: 'password: x\n' });
    expect(await log('c')).toBe('password: x\n');
    expect((await stat(daemonConfig(workDir, 'c'))).mode & 0o777).toBe(0o600);
    await start(sleeper('c'));
    expect(existsSync(daemonConfig(workDir, 'c'))).toBe(false);
  });

  test('a config that arrives cut short starts nothing', async () => {
    const cut: typeof host = Object.create(host, {
      script: {
        value: (source: string, args: string[], options: { stdin?: string }) =>
          host.script(source, args, { ...options, ...(options.stdin && { stdin: options.stdin.slice(0, 5) }) }),
      },
    });
    const spec = sleeper('cut', { config: 'password: secret\n' });
    await expect(startDaemon(cut, workDir, spec)).rejects.toThrow('the config arrived cut short');
    expect(await state('cut')).toEqual({ kind: 'absent' });
    expect(await readdir(daemonDir(workDir, 'cut'))).toEqual([]);
  });

  test('sets nofile, and settles for the hard limit where that is lower', async () => {
    const few = await start(sleeper('few', { nofile: 512 }));
    expect(few.limits.nofile).toBe(512);
    const { stdout } = await host.run(['sh', '-c', 'ulimit -Hn; ulimit -n 4000000 2>/dev/null && echo can']);
    const [hard, can] = stdout.split('\n');
    const many = await start(sleeper('many', { nofile: 4_000_000 }));
    expect(many.limits.nofile).toBe(can === 'can' ? 4_000_000 : Number(hard));
  });

  test('refuses a second of the same name, and one that cannot be executed', async () => {
    await start(sleeper('same'));
    await expect(start(sleeper('same'))).rejects.toThrow(/same already runs, as process \d+/);
    await expect(start({ name: 'none', argv: ['/no/such/program'] })).rejects.toThrow(
      /ended at once \(exit code 127\)/,
    );
    await expect(start({ ...sleeper('x'), name: '../x' })).rejects.toMatchObject({ exitCode: 2 });
  });

  test('a folder that cannot be made is said', async () => {
    await expect(startDaemon(host, '/proc/nowhere', sleeper('x'))).rejects.toThrow(/cannot make \/proc\/nowhere/);
  });

  test('of many at once, each runs; of one name, one', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `d${i}`);
    const daemons = await Promise.all(names.map((name) => start(sleeper(name))));
    expect(new Set(daemons.map((daemon) => daemon.pid)).size).toBe(8);
    const race = await Promise.allSettled(names.map(() => start(sleeper('race'))));
    expect(race.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    const list = await listDaemons(host, workDir);
    expect([...list.keys()].sort()).toEqual([...names, 'race']);
    expect([...list.values()].every((each) => each.kind === 'running')).toBe(true);
  });
});

describe('how it ended', () => {
  test.each([
    ['exit 0', { code: 0, signal: null }],
    ['exit 7', { code: 7, signal: null }],
    ['kill -SEGV $$', { code: null, signal: 'SIGSEGV' }],
  ])('%s', async (script, end) => {
    await play('e', `echo last words; ${script}`);
    expect(await state('e')).toMatchObject({ ...end, logTail: 'last words' });
  });

  test('stays known after a restart of the same name, whose log goes on', async () => {
    await play('again', 'echo first; exit 1');
    await play('again', 'echo second; exit 2');
    expect(await state('again')).toMatchObject({ code: 2, logTail: 'first\nsecond' });
  });

  test('absent means that none of that name was started', async () => {
    expect(await state('nobody')).toEqual({ kind: 'absent' });
    expect(await listDaemons(host, join(workDir, 'nowhere'))).toEqual(new Map());
    await expect(killDaemon(host, workDir, 'nobody', 'SIGKILL')).rejects.toThrow('nobody does not run');
  });

  test('the daemon outlives its keeper; then nobody sees how it ends', async () => {
    const { pid } = await start(sleeper('orphan'));
    const keeper = await keeperOf(pid);
    process.kill(keeper, 'SIGHUP');
    expect((await state('orphan')).kind).toBe('running');
    process.kill(keeper, 'SIGKILL');
    await isGone(keeper);
    expect(await state('orphan')).toMatchObject({ kind: 'running', pid });
    await killDaemon(host, workDir, 'orphan', 'SIGKILL');
    expect(await until('orphan', 'exited')).toMatchObject({ code: null, signal: null });
  });
});

describe('signals', () => {
  test('SIGKILL reaches the process itself, between two readings of the wall clock', async () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const { pid } = await start(sleeper('victim'));
    const kill = await killDaemon(host, workDir, 'victim', 'SIGKILL');
    expect(kill.pid).toBe(pid);
    expect(kill.beforeNs).toBeGreaterThan(before);
    expect(kill.afterNs).toBeGreaterThan(kill.beforeNs);
    expect(kill.afterNs).toBeLessThanOrEqual(BigInt(Date.now() + 1) * 1_000_000n);
    expect(await until('victim', 'exited')).toMatchObject({ signal: 'SIGKILL' });
    await expect(killDaemon(host, workDir, 'victim', 'SIGKILL')).rejects.toThrow('victim does not run (SIGKILL)');
  });

  test('a paused daemon still runs, and ends by stop', async () => {
    const { pid } = await start(sleeper('paused'));
    await killDaemon(host, workDir, 'paused', 'SIGSTOP');
    await vi.waitFor(async () => expect((await statOf(pid))[0]).toBe('T'), SOON);
    expect((await state('paused')).kind).toBe('running');
    expect(await stopDaemon(host, workDir, 'paused')).toMatchObject({ kind: 'exited', signal: 'SIGTERM' });
  });

  test('stop takes the group, and children that left it', async () => {
    const { pid } = await start(sh('family', 'sleep 1000 & setsid sleep 1000 & echo $! >child; wait'));
    const child = await vi.waitFor(async () => {
      const found = Number(await readFile(join(daemonDir(workDir, 'family'), 'child'), 'utf8'));
      expect(found).toBeGreaterThan(0);
      return found;
    }, SOON);
    expect((await stopDaemon(host, workDir, 'family')).kind).toBe('exited');
    await isGone(pid);
    await isGone(child);
  });

  test('what ignores SIGTERM ends by SIGKILL after the grace', async () => {
    await start(sh('deaf', "trap '' TERM; echo ready; while :; do sleep 0.05; done"));
    await vi.waitFor(async () => expect(await log('deaf')).toContain('ready'), SOON);
    expect(await stopDaemon(host, workDir, 'deaf', { graceMs: 100 })).toMatchObject({ signal: 'SIGKILL' });
    expect(await stopDaemon(host, workDir, 'deaf')).toMatchObject({ signal: 'SIGKILL' });
  });

  test('a recycled pid is never taken for the daemon', async () => {
    const bystander = await start(sleeper('bystander'));
    await start(sleeper('recycled'));
    await stopDaemon(host, workDir, 'recycled');
    const file = join(daemonDir(workDir, 'recycled'), 'pid');
    const [, ...rest] = (await readFile(file, 'utf8')).split(' ');
    await host.push(Buffer.from([bystander.pid, ...rest].join(' ')), file);
    expect((await state('recycled')).kind).toBe('exited');
    await expect(killDaemon(host, workDir, 'recycled', 'SIGKILL')).rejects.toThrow('does not run');
    await removeDaemon(host, workDir, 'recycled');
    expect((await state('bystander')).kind).toBe('running');
  });
});

test('remove leaves neither folder nor processes', async () => {
  const { pid } = await start(sleeper('brief'));
  const keeper = await keeperOf(pid);
  await removeDaemon(host, workDir, 'brief');
  expect(existsSync(daemonDir(workDir, 'brief'))).toBe(false);
  await isGone(pid);
  await isGone(keeper);
  await removeDaemon(host, workDir, 'brief');
});

describe('restart', () => {
  test('ends it and starts it again as it was: command, environment, config, limits', async () => {
    const odd = `it's "a" $HOME \`x\` \\ * \n=`;
    const script = 'echo "$ODD $(cat config) $(ulimit -n)"; exec sleep 1000';
    const first = await start(sh('one', script, { env: { ODD: odd }, config: 'secret\n', nofile: 512 }));
    await vi.waitFor(async () => expect(await log('one')).toContain('512'), SOON);
    const { daemon, askedNs, endedNs, startedNs } = await restartDaemon(host, workDir, 'one');
    await isGone(first.pid);
    expect(daemon.pid).not.toBe(first.pid);
    expect(daemon.limits).toEqual(first.limits);
    expect([askedNs <= endedNs, endedNs <= startedNs]).toEqual([true, true]);
    await vi.waitFor(async () => expect(await log('one')).toBe(`${odd} secret 512\n`.repeat(2)), SOON);
    expect((await restartDaemon(host, workDir, 'one')).daemon.pid).not.toBe(daemon.pid);
  });

  test('one that does not run is left so, and said to be', async () => {
    await expect(restartDaemon(host, workDir, 'none')).rejects.toThrow('none does not run');
    await play('ended', 'exit 3');
    await expect(restartDaemon(host, workDir, 'ended')).rejects.toThrow('ended does not run (exit code 3)');
    expect((await state('ended')).kind).toBe('exited');
  });

  test('goes on when whoever asked for it goes away', async () => {
    const asked = join(workDir, 'asked');
    const script = `trap 'touch ${asked}; sleep 0.5; exit 0' TERM; while :; do sleep 0.05; done`;
    const first = await start(sh('slow', script));
    const args = ['-c', DAEMON_SCRIPT, 'sh', 'restart', workDir, 'slow', '5000', DAEMON_SCRIPT];
    const asker = spawn('sh', args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    await vi.waitFor(() => expect(existsSync(asked)).toBe(true), SOON);
    asker.stdout.destroy();
    asker.stderr.destroy();
    process.kill(-asker.pid!, 'SIGHUP');
    await isGone(first.pid);
    expect(await until('slow', 'running')).not.toMatchObject({ pid: first.pid });
  });
});
