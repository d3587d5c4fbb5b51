import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

test.each([
  [['hosts:lst'], "there is no command 'hosts:lst'", "did you mean 'hosts:list'?"],
  [['election:failover', '--agnts', '3'], 'Nonexistent flag: --agnts', "did you mean '--agents'?"],
])('%j is wrong input, with a suggestion', (args, message, hint) => {
  const { status, stdout, stderr } = etcdperf(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
});

test('--json tells errors on stdout too', () => {
  const { status, stdout } = etcdperf('election:failover', '--rounds', '0', '--json');
  expect(status).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { exitCode: 2 } });
});

test('topics and their commands may be words of their own', () => {
  expect(etcdperf('plugins', 'inspect', '--help').stdout).toBe(etcdperf('plugins:inspect', '--help').stdout);
  const perf = etcdperf('bench:check:perf', '--help').stdout.trim();
  expect(perf).toContain('$ etcdperf bench:check:perf');
  for (const words of [
    ['bench', 'check', 'perf'],
    ['bench:check', 'perf'],
    ['bench', 'check:perf'],
  ])
    expect(etcdperf(...words, '--help').stdout.trim()).toBe(perf);
});

test('a reader that leaves early does no harm', () => {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', '"$0" "$1" plugins --core | true; echo done >&2', process.execPath, bin],
    {
      encoding: 'utf8',
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'done\n' });
});

test('help that the build has rendered is the help that the framework renders', () => {
  const rendered = etcdperf('help', 'election:agents').stdout;
  expect(rendered).toContain('--count');
  expect(etcdperf('election:agents', '--help').stdout.trimEnd()).toBe(rendered.trimEnd());
});

function etcdperf(...args: string[]) {
  const { NODE_ENV: _testing, ...env } = process.env;
  return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env });
}
