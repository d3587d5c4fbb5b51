import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadInventory } from '../config/index.ts';
import { InputError, OperationError } from '../errors/index.ts';
import { createRun, findRun, latestRun, listRuns, openRun, readEvents } from './index.ts';

let runsDir: string;
beforeEach(() => {
  runsDir = mkdtempSync(join(tmpdir(), 'etcdperf-runs-'));
});
afterEach(() => rmSync(runsDir, { recursive: true, force: true }));

const failover = { command: 'election:failover', version: '0.1.0' };

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('a run being made', () => {
  test('has a folder and a manifest from the start, and an end', async () => {
    const startedAt = new Date('2026-02-03T04:05:06.789Z');
    const run = await createRun({
      ...failover,
      runsDir: join(runsDir, 'new'),
      startedAt,
      title: 'five rounds',
      config: { rounds: 5 },
    });
    expect(run.id).toMatch(/^20260203T040506Z-election-failover-[0-9a-f]{4}$/);
    expect(run.dir).toBe(join(runsDir, 'new', run.id));
    const manifest = () => JSON.parse(readFileSync(join(run.dir, 'manifest.json'), 'utf8'));
    expect(manifest()).toMatchObject({
      id: run.id,
      command: 'election:failover',
      title: 'five rounds',
      version: '0.1.0',
      status: 'running',
      startedAt: '2026-02-03T04:05:06.789Z',
      node: process.version,
      config: { rounds: 5 },
    });
    run.finish({ status: 'interrupted' });
    run.finish({ status: 'done' });
    expect(manifest()).toMatchObject({ status: 'interrupted', finishedAt: expect.any(String) });
    expect(readdirSync(run.dir)).toEqual(['manifest.json']);
  });

  test('keeps events, bytes of hosts, logs and the result', async () => {
    const run = await createRun({ ...failover, runsDir });
    run.append('samples.jsonl', { n: 1 });
    run.append('samples.jsonl', { n: 2 });
    run.appendRaw('node1.jsonl', Buffer.from('{"e":"sta'));
    run.appendRaw('node1.jsonl', Buffer.from('rted"}\n'));
    run.writeText('logs/etcd.log', 'ready\n');
    run.writeResult({ rounds: [] });
    run.writeResult({ rounds: [1] });
    run.finish({ status: 'done' });

    const opened = await openRun(run.dir);
    expect(opened.manifest.status).toBe('done');
    expect(await all(opened.events('samples.jsonl'))).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await all(opened.events('node1.jsonl'))).toEqual([{ e: 'started' }]);
    expect(await opened.result()).toEqual({ rounds: [1] });
    expect((await opened.files()).map(({ name }) => name)).toEqual([
      'logs/etcd.log',
      'manifest.json',
      'node1.jsonl',
      'result.json',
      'samples.jsonl',
    ]);
  });

  test('a result is read as it was written, and numbers of an array are on one line', async () => {
    const run = await createRun({ ...failover, runsDir });
    const path = join(run.dir, 'result.json');
    run.writeResult({ slots: [1, -2, 3.5e-7], one: [[1], [], ['1', 2]], text: '[\n  1,\n  2\n]' });
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('"slots": [1, -2, 3.5e-7]');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (result) => {
        run.writeResult(result);
        expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(result)));
      }),
      { numRuns: 50 },
    );
  });

  test('SIGKILL loses no line that was appended', async () => {
    const program = `
      import { createRun } from ${JSON.stringify(fileURLToPath(new URL('./index.ts', import.meta.url)))};
      const run = await createRun({ command: 'test', runsDir: ${JSON.stringify(runsDir)} });
      for (let n = 1; ; n++) { run.append('samples.jsonl', { n }); process.stdout.write(n + '\\n'); await new Promise((r) => setImmediate(r)); }
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    await vi.waitFor(() => expect(told.split('\n').length).toBeGreaterThan(100), { timeout: 30_000, interval: 10 });
    child.kill('SIGKILL');
    await once(child, 'close');

    const last = Number(told.trimEnd().split('\n').slice(0, -1).at(-1));
    const run = (await latestRun(runsDir))!;
    const numbers = (await all(run.events<{ n: number }>('samples.jsonl'))).map(({ n }) => n);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(last);
    expect(run.manifest.status).toBe('running');
    expect(await run.result()).toBeUndefined();
  });

  test('holds no secret, whatever the inventory says', async () => {
    const secret = 'correct-horse-battery';
    writeFileSync(join(runsDir, 'pw'), `${secret}\n`);
    writeFileSync(
      join(runsDir, 'lab.yaml'),
      'hosts: [a]\ndefaults: {passwordFile: pw}\nclusters: {m: {members: a, auth: {user: root, passwordFile: pw}}}\n',
    );
    const inventory = await loadInventory(join(runsDir, 'lab.yaml'));
    const run = await createRun({
      ...failover,
      runsDir,
      inventory,
      config: {
        clusters: [...inventory.clusters.values()],
        auth: { user: 'root', password: secret },
        token: secret,
        rounds: [{ authToken: secret }],
      },
    });
    run.finish({ status: 'done' });
    for (const { name } of await (await openRun(run.dir)).files()) {
      expect(readFileSync(join(run.dir, name), 'utf8')).not.toContain(secret);
    }
    expect(run.manifest.inventory).toEqual({ path: inventory.path, digest: inventory.digest });
  });

  test('where it can not be made, the error names the place', async () => {
    writeFileSync(join(runsDir, 'file'), '');
    await expect(createRun({ ...failover, runsDir: join(runsDir, 'file') })).rejects.toThrow(OperationError);
    const run = await createRun({ ...failover, runsDir });
    rmSync(run.dir, { recursive: true });
    expect(() => run.append('samples.jsonl', {})).toThrow(
      expect.objectContaining({ where: join(run.dir, 'samples.jsonl') }),
    );
  });
});

describe('runs being read', () => {
  test('a torn last line is left out, a damaged one elsewhere named, a missing file too', async () => {
    const path = join(runsDir, 'x.jsonl');
    writeFileSync(path, '{"n":1}\n{"n":2}\n{"n":');
    expect(await all(readEvents(runsDir, 'x.jsonl'))).toEqual([{ n: 1 }, { n: 2 }]);
    appendFileSync(path, '\n{"n":4}\n');
    await expect(all(readEvents(runsDir, 'x.jsonl'))).rejects.toMatchObject({ where: `${path}:3` });
    await expect(all(readEvents(runsDir, 'y.jsonl'))).rejects.toThrow("can't read the events");
  });

  test('letters of several bytes survive wherever the file is read in pieces', async () => {
    const events = Array.from({ length: 20_000 }, (_, n) => ({ n, text: 'añ€😀' }));
    writeFileSync(join(runsDir, 'x.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    expect(await all(readEvents(runsDir, 'x.jsonl'))).toEqual(events);
  });

  test('newest first, other folders and damaged runs left out', async () => {
    expect(await listRuns(join(runsDir, 'none'))).toEqual([]);
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
    const first = await createRun({ runsDir, command: 'bench:put', startedAt: at(1) });
    const third = await createRun({ runsDir, command: 'election:agents', startedAt: at(3) });
    const second = await createRun({ runsDir, command: 'bench:put', startedAt: at(2) });
    mkdirSync(join(runsDir, 'notes'));
    mkdirSync(join(runsDir, '20260101T000009Z-broken-0000'));
    for (const run of [first, second, third]) run.finish({ status: 'done' });
    expect((await listRuns(runsDir)).map(({ dir }) => dir)).toEqual([third.dir, second.dir, first.dir]);
    expect((await latestRun(runsDir))?.dir).toBe(third.dir);
    expect((await latestRun(runsDir, 'bench:put'))?.dir).toBe(second.dir);
    expect(await latestRun(runsDir, 'bench:get')).toBeUndefined();
  });

  test('found by id, by a part of it, by path', async () => {
    const startedAt = new Date('2026-01-01T00:00:00Z');
    const one = await createRun({ runsDir, command: 'bench:put', startedAt });
    const two = await createRun({ runsDir, command: 'bench:get', startedAt });
    for (const name of [one.id, one.id.slice(0, -5), one.id.slice(-9), one.dir]) {
      expect((await findRun(runsDir, name)).dir).toBe(one.dir);
    }
    await expect(findRun(runsDir, '2026')).rejects.toMatchObject({ message: "'2026' could be 2 runs" });
    await expect(findRun(runsDir, two.id.replace('get', 'gte'))).rejects.toMatchObject({
      hint: `did you mean '${two.id}'?`,
    });
    await expect(findRun(runsDir, 'x')).rejects.toThrow(InputError);
    await expect(findRun(runsDir, `${runsDir}/nothing`)).rejects.toThrow('not a run folder');
  });
});
