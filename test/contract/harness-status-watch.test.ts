import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startEtcd } from '@etcdperf/core/testing';
import { expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

test('harness:status --watch --json is one line a look, and Ctrl-C is its ordinary end', async () => {
  await using cluster = await startEtcd();
  const args = ['harness:status', '--endpoints', cluster.endpoints[0]!, '--watch', '--interval', '50ms', '--json'];
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const looks: { healthy: boolean; members: { figures: { since: string } }[] }[] = [];
  for await (const line of createInterface(child.stdout)) {
    looks.push(JSON.parse(line));
    if (looks.length === 3) child.kill('SIGINT');
  }
  expect(await ended).toEqual([0, null]);
  expect(looks.slice(0, 3).map(({ members }) => members[0]?.figures.since)).toEqual([
    'start',
    'last look',
    'last look',
  ]);
});
