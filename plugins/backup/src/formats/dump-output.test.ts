import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InputError, InterruptedError, OperationError } from '@etcdperf/core/errors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dumpLayout } from './dump-layout.ts';
import { openDumpOutput } from './dump-output.ts';
import { openDumpFile } from './open-dump-file.ts';

const run = promisify(execFile);
const layout = dumpLayout({ columns: ['key'] });
const { signal } = new AbortController();
const facts = {
  revision: 7,
  clusterId: 'abc',
  prefixes: [Buffer.from('/a')],
  filters: [],
  keys: 1,
  startedAt: '2026-11-22T00:00:00.000Z',
  complete: true,
} as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-output-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each(['dump.csv', 'dump.csv.gz', 'dump.csv.zst'])('%s has its name once it is finished', async (name) => {
  await using output = await openDumpOutput(join(folder, name), layout, { signal });
  const buffer = Buffer.from('key\r\na\r\n');
  await output.write(buffer);
  // Its memory is used again.
  buffer.fill('x');
  expect(await readdir(folder)).toEqual([`${name}.part`]);
  const manifest = await output.finish(facts);
  expect((await readdir(folder)).sort()).toEqual([name, `${name}.manifest.json`]);
  expect(manifest).toMatchObject({ ...facts, bytes: 8, file: { bytes: (await readFile(join(folder, name))).length } });
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  await using dump = await openDumpFile(join(folder, name), signal);
  expect(dump.manifest).toEqual(manifest);
  for await (const records of dump.batches()) expect(records.map(({ key }) => key.toString())).toEqual(['a']);
});

test.each(['dump.csv', 'dump.csv.gz'])(
  '%s that is not finished is gone, and what had the name still has it',
  async (name) => {
    const path = join(folder, name);
    await writeFile(path, 'older');
    {
      await using output = await openDumpOutput(path, layout, { signal });
      await output.write(randomBytes(100_000));
    }
    expect(await readdir(folder)).toEqual([name]);
    expect(await readFile(path, 'utf8')).toBe('older');
  },
);

test.each(['dump.csv', 'dump.csv.gz', 'dump.csv.zst'])('%s on a full disk', async (name) => {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
  try {
    const path = join(disk, name);
    const fill = async () => {
      await using output = await openDumpOutput(path, layout, { signal });
      for (let written = 0; written < 2e6; written += 100_000) await output.write(randomBytes(100_000));
      await output.finish(facts);
    };
    await expect(fill()).rejects.toThrow(OperationError);
    await expect(fill()).rejects.toThrow(
      expect.objectContaining({ message: expect.stringMatching(/no space left/), where: path, exitCode: 1 }),
    );
    expect(await readdir(disk)).toEqual([]);
  } finally {
    await run('umount', [disk]);
  }
});

test('Ctrl-C', async () => {
  const interruption = new AbortController();
  const interrupted = async () => {
    await using output = await openDumpOutput(join(folder, 'dump.csv'), layout, { signal: interruption.signal });
    await output.write(Buffer.from('key\r\n'));
    interruption.abort();
    await output.finish(facts);
  };
  await expect(interrupted()).rejects.toThrow(InterruptedError);
  expect(await readdir(folder)).toEqual([]);
});

test('where there can be no such file', async () => {
  await expect(openDumpOutput(folder, layout, { signal })).rejects.toThrow(InputError);
  await expect(openDumpOutput(join(folder, 'missing', 'dump.csv'), layout, { signal })).rejects.toThrow(InputError);
});

test('a device is written as it is', async () => {
  await using output = await openDumpOutput('/dev/null', layout, { signal });
  await output.write(Buffer.from('key\r\n'));
  expect(await output.finish({ ...facts, keys: 0 })).toMatchObject({ bytes: 5 });
});
