import { expect, test } from 'vitest';
import { InterruptedError, OperationError } from '../errors/index.ts';
import { LocalExecutor } from './local-executor.ts';
import { CommandTimeoutError } from './ssh-error.ts';

const local = new LocalExecutor();

test('arguments, stdin, environment, output and code arrive as they are', async () => {
  const seen: string[] = [];
  const result = await local.script('cat; printf %s "$1" "$MARK" >&2; exit 7', ["a 'b' $c"], {
    stdin: 'in',
    env: { MARK: '<é>' },
    onStdout: (chunk) => seen.push(chunk.toString()),
  });
  expect(result).toMatchObject({ code: 7, signal: null, stdout: 'in', stderr: "a 'b' $c<é>" });
  expect(seen.join('')).toBe('in');
});

test('what cannot be run is a code, as a shell gives it', async () => {
  expect((await local.run(['no-such-program'])).code).toBe(127);
  expect((await local.run(['/etc/passwd'])).code).toBe(126);
});

test('stdin that nobody reads does no harm', async () => {
  expect((await local.run(['true'], { stdin: Buffer.alloc(5_000_000) })).code).toBe(0);
});

test('a time limit and an abort end all that was started', async () => {
  const marker = `${33_000 + Math.floor(Math.random() * 900)}`;
  const argv = ['sh', '-c', `sleep ${marker} & sleep ${marker}`];
  await expect(local.run(argv, { timeoutMs: 200 })).rejects.toThrow(CommandTimeoutError);
  const interruption = new AbortController();
  const running = local.run(['sh', '-c', `echo up; sleep ${marker}`], {
    signal: interruption.signal,
    onStdout: () => interruption.abort(new InterruptedError()),
  });
  await expect(running).rejects.toThrow(InterruptedError);
  expect((await local.script('ps -eo args | grep "^sleep $1" || true', [marker])).stdout).toBe('');
});

test('fetch reads from an offset', async () => {
  expect((await local.fetch('/proc/self/comm', 1)).length).toBeGreaterThan(0);
  await expect(local.fetch('/no/such/file')).rejects.toThrow(OperationError);
});
