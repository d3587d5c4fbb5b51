import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(...argv: readonly string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [bin, 'driver:pattern', ...argv]);
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as Ended;
  }
}

const PATTERN = '/p/:ip/%c-%02d[30]/:planet;[0-9]{10,20}';
const OPTIONS = ['--ip', '10.9.8.7', '--rule', 'planet=venus,mars'];

test('levels, sizes and examples; the same as text and as JSON', async () => {
  const [text, json, flag] = await Promise.all([
    run('--explain', PATTERN, ...OPTIONS),
    run(PATTERN, ...OPTIONS, '--json', '--keys', '2', '--val-spec', '50,60'),
    run('-pattern', PATTERN, ...OPTIONS),
  ]);
  expect(text.stdout).toMatch(/ 2 {2}%c-%02d\[30\] +counter +30 +30 +2 {2}c-00 c-14 c-29\n/);
  expect(text.stdout).toContain('60 keys of 21 to 22 bytes, 21.5 on average');
  expect(text.stdout).toMatch(/0: \/p\/10\.9\.8\.7\/c-00\/venus\n {3}\d{10,20}\n/);
  expect(flag.stdout).toBe(text.stdout);
  expect(JSON.parse(json.stdout)).toMatchObject({
    pattern: PATTERN,
    keys: 60,
    valueBytes: { min: 50, max: 60 },
    examples: [{ key: '/p/10.9.8.7/c-00/venus' }, { key: '/p/10.9.8.7/c-29/mars' }],
  });
});

test('--print prints all keys, and ends when nobody reads them any more', async () => {
  const [keys, pairs] = await Promise.all([
    run('--print', PATTERN, ...OPTIONS),
    run('--print', '--values', '/p/#4;v%%d[9]', '--total', '9000', '--seed', '3'),
  ]);
  const lines = keys.stdout.trimEnd().split('\n');
  expect([lines.length, lines[0], lines[59]]).toEqual([60, '/p/10.9.8.7/c-00/venus', '/p/10.9.8.7/c-29/mars']);
  const printed = pairs.stdout.trimEnd().split('\n');
  expect(new Set(printed.map((line) => line.split('\t')[0])).size).toBe(9000);
  expect(printed[10]).toMatch(/^\/p\/[\w-]{4}\tv1$/);

  const child = spawn(process.execPath, [bin, 'driver:pattern', '--print', '/p/%k-%d[1000000000];x'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [piece] = (await once(child.stdout, 'data')) as [Buffer];
  expect(piece.toString()).toMatch(/^\/p\/k-0\n\/p\/k-1\n/);
  child.stdout.destroy();
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
});

test.each<[string, readonly string[], string]>([
  [
    'a pattern that does not parse',
    ['/p/%c-%d[0];x'],
    'a counter of 0 makes no keys at all\n  /p/%c-%d[0];x\n           ^',
  ],
  ['an unknown rule', ['/p/:plant;x', '--rule', 'planet=venus'], "did you mean 'planet'?"],
  ['two patterns', ['/a;x', '--pattern', '/b;x'], 'which of the two patterns?'],
  ['no pattern', [], 'there is no pattern'],
  ['sizes that can not be', ['/a;x', '--val-spec', '5,9'], 'nothing in x can be made longer or shorter'],
  ['no level for --total', ['/a;x', '--total', '5'], 'no generated level'],
  ['keys printed as JSON', ['--print', '/a;x', '--json'], 'cannot also be provided'],
])('%s: exit code 2', async (_name, argv, message) => {
  const { code, stdout, stderr } = await run(...argv);
  expect(code).toBe(2);
  expect(stdout + stderr).toContain(message);
});
