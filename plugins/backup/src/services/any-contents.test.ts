import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadInto } from '../testing/load-into.ts';
import { type CompareSource, compareSources } from './compare/compare-sources.ts';
import { dumpCluster } from './dump/dump-cluster.ts';

const NEVER = new AbortController().signal;
const silent = { signal: NEVER, onStep: () => undefined, onInfo: () => undefined, onProgress: () => undefined };

let folder: string;
let source: TestCluster;
let target: TestCluster;
let sourceClient: WireClient;
let targetClient: WireClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-backup-any-'));
  [source, target] = await Promise.all([startEtcd(), startEtcd()]);
  sourceClient = await WireClient.connect({ endpoints: source.endpoints });
  targetClient = await WireClient.connect({ endpoints: target.endpoints });
});
afterAll(async () => {
  await Promise.all([sourceClient?.close(), targetClient?.close()]);
  await Promise.all([source?.stop(), target?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function bytes(minLength: number) {
  return fc
    .oneof(
      fc.uint8Array({ minLength, maxLength: 40 }),
      fc.string({ minLength, maxLength: 20, unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.constantFrom('"', '\r\n', '\0', ',', '\\', 'a"b,\r\nc').map((text) => Buffer.from(text)),
    )
    .map((any) => Buffer.from(any));
}

const contents = fc.uniqueArray(fc.record({ key: bytes(1), value: bytes(0), isLeased: fc.boolean() }), {
  selector: ({ key }) => key.toString('latin1'),
  maxLength: 80,
});
const layout = fc.record({
  format: fc.constantFrom('csv' as const, 'jsonl' as const),
  keys: fc.constantFrom('text' as const, 'base64' as const, 'hex' as const),
  values: fc.constantFrom('text' as const, 'base64' as const, 'hex' as const),
});

function clusterOf({ endpoints }: TestCluster): CompareSource {
  return { kind: 'cluster', name: endpoints.join(), access: { endpoints }, revision: undefined };
}

async function isSame(a: CompareSource, b: CompareSource): Promise<boolean> {
  const fields = ['value', 'lease'] as const;
  const question = { a, b, fields, prefixes: [], limit: 10, mostValueBytes: 0, timeoutMs: 30_000 };
  return (await compareSources(question, silent)).isSame;
}

test('any contents, dumped and loaded, are the same: as the file has them, and as their source does', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(contents, layout, fc.constantFrom('', '.gz', '.zst'), async (records, wishes, ending) => {
      for (const client of [sourceClient, targetClient]) await client.deleteRange('', { prefix: true });
      const lease = await sourceClient.leaseGrant(3600);
      for (const { key, value, isLeased } of records)
        await sourceClient.put(key, value, isLeased ? { lease: lease.id } : {});
      runs += 1;
      const output = join(folder, `${runs}${ending}`);
      const dumped = await dumpCluster(
        {
          access: { endpoints: source.endpoints },
          prefixes: [],
          timeoutMs: 30_000,
          output,
          isForced: false,
          layout: wishes,
          filters: [],
          isRestarted: false,
        },
        silent,
      );
      expect(dumped.keys).toBe(records.length);
      await loadInto({ endpoints: target.endpoints }, join(folder, 'runs'), output);
      expect(await isSame({ kind: 'dump', path: output }, clusterOf(target))).toBe(true);
      expect(await isSame(clusterOf(source), clusterOf(target))).toBe(true);
      // What would make it another one is seen.
      await targetClient.put('one more', 'x');
      expect(await isSame(clusterOf(source), clusterOf(target))).toBe(false);
    }),
    { numRuns: 20 },
  );
});
