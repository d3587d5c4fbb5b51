import { expect, test } from 'vitest';
import { InterruptedError } from '../errors/index.ts';
import { type FanOutResult, fanOut } from './fan-out.ts';

const hosts = Array.from({ length: 20 }, (_, i) => ({ name: `node${i + 1}` }));

test('every host has a result in its place, however many fail', async () => {
  const told: FanOutResult<string>[] = [];
  const results = await fanOut(
    hosts,
    async ({ name }) => {
      if (name.endsWith('3')) throw new Error(`${name} is down`);
      return name;
    },
    { onResult: (result) => told.push(result) },
  );
  expect(results.map(({ host }) => host)).toEqual(hosts.map(({ name }) => name));
  expect(results.filter(({ status }) => status === 'failed').map(({ host }) => host)).toEqual(['node3', 'node13']);
  expect(told).toHaveLength(20);
});

test('no more than `forks` at once, and no fewer', async () => {
  let running = 0;
  let most = 0;
  await fanOut(
    hosts,
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    },
    { forks: 4 },
  );
  expect(most).toBe(4);
});

test('an abort fails what was not begun', async () => {
  const interruption = new AbortController();
  const begun: string[] = [];
  const results = await fanOut(
    hosts,
    async ({ name }) => {
      begun.push(name);
      interruption.abort(new InterruptedError());
    },
    { forks: 1, signal: interruption.signal },
  );
  expect(begun).toEqual(['node1']);
  for (const result of results.slice(1))
    expect(result).toMatchObject({ status: 'failed', error: expect.any(InterruptedError) });
});
