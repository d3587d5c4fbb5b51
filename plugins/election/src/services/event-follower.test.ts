import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalExecutor } from '@etcdperf/core/ssh';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventFollower } from './event-follower.ts';
import type { EventSource } from './event-tail.ts';

const WAIT = { timeout: 30_000, interval: 10 };

let dir: string;
let lines: string[];
let follower: EventFollower;

const sourceAt = (name: string): EventSource => ({
  executor: new LocalExecutor(),
  process: name,
  path: join(dir, name),
});

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'etcdperf-follow-'));
  lines = [];
  follower = new EventFollower((source, more) => lines.push(...more.map((line) => `${source.process} ${line}`)), {
    everyMs: 20,
  });
});

afterEach(async () => {
  await follower.stop();
  await rm(dir, { recursive: true, force: true });
});

test('lines arrive once, in order, also when a write ends in the middle of one', async () => {
  await writeFile(join(dir, 'a'), '{"n":1}\n{"n":');
  follower.add(sourceAt('a'));
  follower.start();
  await vi.waitFor(() => expect(lines).toEqual(['a {"n":1}']), WAIT);
  await appendFile(join(dir, 'a'), '2}\n{"n":3}\n');
  await vi.waitFor(() => expect(lines).toEqual(['a {"n":1}', 'a {"n":2}', 'a {"n":3}']), WAIT);
});

test('a file that can not be read yet is a problem, and is read when it can', async () => {
  follower.add(sourceAt('late'));
  const [problem] = await follower.catchUp(30_000);
  expect(problem?.source.process).toBe('late');
  await writeFile(join(dir, 'late'), 'x\n');
  expect(await follower.catchUp(30_000)).toEqual([]);
  expect(lines).toEqual(['late x']);
});
