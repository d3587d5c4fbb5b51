import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KeyRecord } from '../contents/key-record.ts';
import { pageOf } from '../contents/page-of.ts';
import { dumpLayout } from './dump-layout.ts';
import { openDumpOutput } from './dump-output.ts';
import { createDumpWriter } from './dump-writer.ts';
import { openDumpFile } from './open-dump-file.ts';
import { OutputBuffer } from './output-buffer.ts';

const signal = new AbortController().signal;
const record = (key: string, value: string): KeyRecord => ({
  key: Buffer.from(key),
  value: Buffer.from(value),
  valueSize: value.length,
  createRevision: 2,
  modRevision: 3,
  version: 2,
  lease: 0n,
  ttlSeconds: undefined,
});

test('what is written is read again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-dump-'));
  try {
    for (const ending of ['csv', 'csv.gz', 'csv.zst']) {
      const path = join(folder, `dump.${ending}`);
      const layout = dumpLayout({});
      const records = [record('a', 'plain'), record('b', 'with "quotes", commas,\r\nlines')];
      const writer = createDumpWriter(layout);
      const buffer = new OutputBuffer();
      writer.begin(buffer);
      const keys = writer.append(pageOf(records), buffer);
      await using output = await openDumpOutput(path, layout, { signal });
      await output.write(buffer.content());
      await output.finish({
        revision: 3,
        clusterId: 'abc',
        prefixes: [Buffer.from('')],
        filters: [],
        keys,
        startedAt: new Date().toISOString(),
        complete: true,
      });
      await using dump = await openDumpFile(path, signal);
      const read: KeyRecord[] = [];
      for await (const batch of dump.batches()) read.push(...batch);
      expect(read).toEqual(records);
      expect(dump.manifest).toMatchObject({ keys: 2, revision: 3 });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
