import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalExecutor } from '@etcdperf/core/ssh';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PREPARE, parsePrepared } from './prepare-script.ts';

const host = new LocalExecutor();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-prepare-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const install = async (mode: 'plan' | 'apply', path: string, content: string) => {
  const source = `${PREPARE}\ninstall_file "$1" "$2" || exit 0\n`;
  const result = await host.script(source, [mode, join(folder, 'record'), path, content]);
  return parsePrepared('limits', result, 'as it was');
};

test('a file is written once; a plan shows the difference and writes nothing', async () => {
  const path = join(folder, 'etc', 'file');
  const plan = await install('plan', path, 'a\nb\n');
  expect(plan).toMatchObject({ status: 'changed', detail: path });
  expect(plan.diff).toContain('+a\n+b');
  expect(existsSync(join(folder, 'etc'))).toBe(false);
  expect((await install('apply', path, 'a\nb\n')).status).toBe('changed');
  expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
  expect(await install('apply', path, 'a\nb\n')).toEqual({ step: 'limits', status: 'ok', detail: 'as it was' });
});

test('a missing newline at the end is a difference', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'a');
  expect((await install('plan', path, 'a\n')).status).toBe('changed');
});

test('what was there first is kept, not what we wrote later', async () => {
  const path = join(folder, 'file');
  const kept = join(folder, 'record', 'before', path.replaceAll('/', '%'));
  writeFileSync(path, 'theirs');
  await install('apply', path, 'ours');
  await install('apply', path, 'ours too');
  expect(readFileSync(kept, 'utf8')).toBe('theirs');
  await install('apply', join(folder, 'new'), 'ours');
  expect(existsSync(`${join(folder, 'record', 'before')}/${join(folder, 'new').replaceAll('/', '%')}.none`)).toBe(true);
});

test('a folder that cannot be written to is a failure in words, and nothing is half done', async () => {
  const failed = await install('apply', '/proc/self/nothing/file', 'x');
  expect(failed).toMatchObject({ status: 'failed' });
  const died = parsePrepared(
    'etcd',
    { code: 2, signal: null, stdout: 'changed x\n', stderr: 'oops\n', durationMs: 0 },
    '',
  );
  expect(died).toEqual({ step: 'etcd', status: 'failed', detail: 'oops' });
});
