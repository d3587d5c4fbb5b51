import type { KeyRecord } from '../contents/key-record.ts';
import { pageOf } from '../contents/page-of.ts';
import { dumpLayout, type LayoutWishes } from '../formats/dump-layout.ts';
import type { DumpFacts, DumpManifest } from '../formats/dump-manifest.ts';
import { openDumpOutput } from '../formats/dump-output.ts';
import { createDumpWriter } from '../formats/dump-writer.ts';
import { OutputBuffer } from '../formats/output-buffer.ts';

/** Writes a dump of these keys, as `backup:dump` would, without a cluster. */
export async function writeDump(
  path: string,
  records: readonly KeyRecord[],
  facts: Partial<DumpFacts> = {},
  wishes: LayoutWishes = {},
): Promise<DumpManifest> {
  const layout = dumpLayout(wishes);
  const sorted = records.toSorted((one, other) => one.key.compare(other.key));
  const ttls = new Map(
    sorted.flatMap(({ lease, ttlSeconds }) => (ttlSeconds === undefined ? [] : [[lease, ttlSeconds] as const])),
  );
  const writer = createDumpWriter(layout);
  const buffer = new OutputBuffer();
  writer.begin(buffer);
  await using output = await openDumpOutput(path, layout, { signal: new AbortController().signal });
  let keys = 0;
  const atOnce = 1000;
  for (let from = 0; from < sorted.length; from += atOnce) {
    keys += writer.append(pageOf(sorted.slice(from, from + atOnce)), buffer, { ttls });
    await output.write(buffer.content());
    buffer.clear();
  }
  if (sorted.length === 0) await output.write(buffer.content());
  return await output.finish({
    revision: 3,
    clusterId: 'abc',
    prefixes: [Buffer.alloc(0)],
    filters: [],
    keys,
    startedAt: new Date().toISOString(),
    complete: true,
    ...facts,
  } as DumpFacts);
}
