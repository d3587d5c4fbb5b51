import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { findOwnCommand, runOwnCommand } from './own-command.ts';

let root: string;
let folders: string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'etcdperf-own-command-'));
  folders = ['host', 'plugin'].map((name) => join(root, name));
  await mkdir(join(root, 'host/dist/bundle'), { recursive: true });
  await mkdir(join(root, 'plugin/dist/bundle'), { recursive: true });
  await writeFile(join(root, 'host/dist/bundle/command.runs.list.js'), '');
  const command = 'export default class { static usesFramework = true; _run() { throw new Error(); } }';
  await writeFile(join(root, 'plugin/dist/bundle/command.bench.check.js'), '');
  await writeFile(join(root, 'plugin/dist/bundle/command.bench.check.perf.js'), command);
});

afterAll(() => rm(root, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const found = (...argv: string[]) => {
  vi.stubEnv('ETCDPERF_DATA_DIR', join(root, 'data'));
  const own = findOwnCommand(argv, folders);
  return own && { ...own, file: own.file.slice(root.length + 1) };
};

test.each([
  [['runs:list', '-x'], { id: 'runs:list', file: 'host/dist/bundle/command.runs.list.js', args: ['-x'] }],
  [['runs', 'list'], { id: 'runs:list', file: 'host/dist/bundle/command.runs.list.js', args: [] }],
  [
    ['bench', 'check', 'perf', 'x'],
    { id: 'bench:check:perf', file: 'plugin/dist/bundle/command.bench.check.perf.js', args: ['x'] },
  ],
  [
    ['bench', 'check', 'pref'],
    { id: 'bench:check', file: 'plugin/dist/bundle/command.bench.check.js', args: ['pref'] },
  ],
])('%j is a command of our own', (argv, own) => {
  expect(found(...argv)).toEqual(own);
});

test.each([[[]], [['runs']], [['nope', 'list']], [['../runs/list']], [['runs:list', '--help']]])(
  '%j is left to the framework',
  (argv) => {
    expect(found(...argv)).toBeUndefined();
  },
);

test('with plugins of the user, and where it is to tell what it does, everything is left to the framework', async () => {
  vi.stubEnv('DEBUG', 'oclif');
  expect(found('runs:list')).toBeUndefined();
  vi.unstubAllEnvs();
  await mkdir(join(root, 'data'));
  await writeFile(join(root, 'data/package.json'), '{}');
  expect(found('runs:list')).toBeUndefined();
  await rm(join(root, 'data'), { recursive: true });
});

test('a command that needs the framework is not run without it', async () => {
  const file = join(root, 'plugin/dist/bundle/command.bench.check.perf.js');
  const pjson = { name: 'etcdperf', version: '0', dependencies: {}, optionalDependencies: {}, oclif: { plugins: [] } };
  expect(await runOwnCommand({ id: 'bench:check:perf', file, args: [] }, pjson)).toBe(false);
});
