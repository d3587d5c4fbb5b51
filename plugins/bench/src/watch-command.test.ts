import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadReport } from '@etcdperf/core/load';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { WatchExtra } from './services/watch/watch-work.ts';
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

/** A command with `--json`, which ends with 0. */
async function reportOf(line: string): Promise<LoadReport & WatchExtra> {
  const { code, stdout, stderr } = await startCommand([...line.split(' '), '--json'], place).ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout);
}

test('etcd’s own command lines mean what they mean there', async () => {
  const watch = await reportOf(
    'bench:watch --conns 2 --clients 2 --streams 4 --watch-per-stream 5 --watched-key-total 10 --put-total 100 --put-rate 0 --key-size 32 --key-space-size 10 --sequential-keys',
  );
  expect(watch).toMatchObject({ sent: 100, plan: { pace: { kind: 'closed' }, clients: 2 } });
  expect(watch.watch).toMatchObject({ watchers: 20, streams: 4, connections: 2, ranges: 10, isPromiseKept: true });
  expect(watch.watch.events).toMatchObject({ expected: 200, delivered: 200 });

  const one = await reportOf('bench:watch --streams 2 --watch-per-stream 2 --put-total 10 --sequential-keys');
  expect(one.watch).toMatchObject({ ranges: 1, events: { delivered: 40 } });

  const latency = await reportOf(
    'bench:watch-latency --streams 2 --watchers-per-stream 3 --prevkv --put-total 50 --put-rate 200 --key-size 8 --val-size 8',
  );
  expect(latency).toMatchObject({ sent: 50, plan: { pace: { kind: 'open', ratePerSec: 200 } } });
  expect(latency.watch.lagFromAck.count).toBe(300);

  const get = await reportOf('bench:watch-get --watchers 100 --streams 3 --events 5');
  expect(get.series).toMatchObject([
    { name: 'catch-up', ok: 100 },
    { name: 'range', fail: 0 },
  ]);
  expect(get.watch).toMatchObject({ watchers: 100, streams: 3, events: { delivered: 500 } });
});

test('what it says on a terminal, and what is left after --cleanup', async () => {
  const line = 'bench:watch-tree --levels 3,4 --branch-watchers 3 --put-total 60 --put-rate 300 --cleanup --prefix t/';
  const { code, stdout } = await startCommand(line.split(' '), place).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^watchers: 15 on 10 streams and 1 connection, of 14 keys and branches; in place after /m);
  expect(stdout).toMatch(/^events: (\d+) of \1 delivered, /m);
  expect(stdout).toContain('0 lost, 0 duplicated, 0 out of order');
  expect(stdout).toMatch(/^lag from the acknowledgement of the write: min -?[\d.]+ [µm]?s, p1 /m);
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  expect((await client.range('t/', { prefix: true, countOnly: true })).count).toBe(0);
  const report = JSON.parse(await readFile(join(/^run: (.*)$/m.exec(stdout)![1]!, 'result.json'), 'utf8'));
  expect(report).toMatchObject({ command: 'bench:watch-tree', watch: { watchers: 15, isPromiseKept: true } });
});

describe('wrong input is told, and nothing is touched', () => {
  test.each<[string, string]>([
    ['bench:watch --put-total 5 --duration 1s', '--total and --duration'],
    ['bench:watch --max-in-flight 5', '--rate'],
    ['bench:watch --streams 100000 --watch-per-stream 1000', 'more than 10000000'],
    ['bench:watch-tree --levels 3,x', 'no levels of a tree'],
    ['bench:watch-tree --depth 9 --fanout 9', 'too large'],
    ['bench:watch-tree --key-watchers 0 --branch-watchers 0', 'nobody watches'],
    ['bench:watch-latency --put-rate x', 'x'],
    ['bench:watch-get --events 0', '--events'],
  ])('%s', async (line, message) => {
    const { code, stdout, stderr } = await startCommand(line.split(' '), place).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

test('SIGTERM: the summary is printed, the folder is complete, and what had come counts', async () => {
  const line = 'bench:watch-latency --duration 10m --put-rate 200 --interval 100ms --prefix sigterm/';
  const command = startCommand(line.split(' '), place);
  await vi.waitFor(() => expect(command.stderr).toMatch(/ of 600 s: .*\n.* of 600 s/), WAIT);
  command.process.kill('SIGTERM');
  const { code, stdout } = await command.ended;
  expect(code).toBe(130);
  expect(stdout).toContain('interrupted: these are the figures until then');
  const report = JSON.parse(await readFile(join(/^run: (.*)$/m.exec(stdout)![1]!, 'result.json'), 'utf8'));
  expect(report.ending).toEqual({ kind: 'interrupted' });
  expect(report.watch.events.delivered).toBe(report.watch.events.expected);
  expect(report.watch.events.delivered).toBeGreaterThan(0);
});

/** Each example of a command's help, as it is printed. */
async function examplesOf(id: string): Promise<string[]> {
  const env = { FORCE_COLOR: '0' };
  const { stdout } = await startCommand([id, '--help'], { ...place, env }).ended;
  const [, ...examples] = stdout.slice(stdout.indexOf('EXAMPLES')).split('$ etcdperf ');
  return examples.map((text) => `etcdperf ${text.split(/\n\s*\n/)[0]}`);
}

test('the examples work as the help prints them', { timeout: 400_000 }, async () => {
  // One after the other: together they keep a slow machine so busy that etcd doesn't answer in time.
  for (const id of ['bench:watch', 'bench:watch-get', 'bench:watch-latency', 'bench:watch-tree']) {
    const examples = await examplesOf(id);
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) {
      const { code, stderr } = await startShell(example, place).ended;
      // How quick this machine is decides whether a threshold is met.
      const expected = example.includes('--threshold') ? [0, 3] : [0];
      expect(expected, `${example}\n${stderr}`).toContain(code);
    }
  }
});
