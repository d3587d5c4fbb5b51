import { expect, test } from 'vitest';
import { type Executor, LocalExecutor } from '../ssh/index.ts';
import { measureClock } from './index.ts';

const here = new LocalExecutor();
/** This machine, taken for another one. */
const remote = { name: 'remote', kind: 'ssh', script: here.script.bind(here) } as unknown as Executor;

test('this machine does not differ from itself', async () => {
  expect((await measureClock(here)).comparison).toEqual({ offsetMs: 0, errorBarMs: 0 });
});

test('over a connection, the comparison finds the very same clock within its error', async () => {
  const { comparison } = await measureClock(remote);
  expect(comparison.errorBarMs).toBeGreaterThan(0);
  expect(Math.abs(comparison.offsetMs)).toBeLessThanOrEqual(comparison.errorBarMs);
});

test('a shell that answers nothing is an error that names the host', async () => {
  const mute: Executor = { ...remote, script: (_, __, options) => here.run(['sh', '-c', 'exit 3'], options) };
  await expect(measureClock(mute)).rejects.toMatchObject({ where: 'remote', exitCode: 1 });
});
