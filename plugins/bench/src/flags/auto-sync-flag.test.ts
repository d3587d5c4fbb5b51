import { InputError } from '@etcdperf/core/errors';
import { parse } from '@oclif/core/parser';
import { expect, test } from 'vitest';
import { autoSyncFlag, autoSyncMsFrom } from './auto-sync-flag.ts';

async function flagsOf(...argv: string[]) {
  return (await parse(argv, { flags: autoSyncFlag, args: {}, strict: true })).flags;
}

test.each([
  [[], 0],
  [['--auto-sync-interval', '0'], 0],
  [['--auto-sync-interval', '0s'], 0],
  [['--auto-sync-interval', '200ms'], 200],
  [['--auto-sync-interval=1m30s'], 90_000],
])('%j', async (argv, ms) => {
  expect(autoSyncMsFrom(await flagsOf(...argv), { kind: 'all' })).toBe(ms);
});

test.each(['5', '-1s', 'often', '', '0.1ms'])("'%s' is no interval", async (text) => {
  await expect(flagsOf(`--auto-sync-interval=${text}`)).rejects.toThrow(InputError);
});

test('a target says otherwise where the load goes', async () => {
  expect(autoSyncMsFrom(await flagsOf(), { kind: 'leader' })).toBe(0);
  const flags = await flagsOf('--auto-sync-interval', '1s');
  expect(() => autoSyncMsFrom(flags, { kind: 'leader' })).toThrow(InputError);
});
