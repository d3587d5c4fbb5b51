import { expect, test } from 'vitest';
import { dumpLayout } from '../formats/dump-layout.ts';
import type { DumpVerification } from '../services/verify/dump-verification.ts';
import { renderVerification, verifyStep } from './render-verification.ts';

const dump: DumpVerification = {
  file: 'main.csv.gz',
  verdict: { kind: 'whole' },
  layout: dumpLayout({ columns: ['key', 'value', 'encoding'] }),
  compression: 'gzip',
  bytes: 1_234_567,
  sha256: 'abc',
  contentBytes: 5_000_000,
  keys: 1,
  keyBytes: 20,
  valueBytes: 2000,
  origin: {
    revision: 700,
    clusterId: 'cdf8',
    prefixes: [{ text: '/a', base64: 'L2E=' }],
    filters: ['size>1KB', 'lease'],
    sinceRevision: 600,
    startedAt: '2026-11-22T00:00:00.000Z',
    endedAt: '2026-11-22T00:00:01.000Z',
  },
};

test('a dump that is whole', () => {
  expect(renderVerification({ kind: 'dump', ...dump })).toBe(
    [
      'main.csv.gz: dump, CSV, 1.23 MB (1234567 bytes), gzip of 5 MB',
      '1 key: 20 B of keys, 2 kB of values',
      'columns key, value, encoding',
      'sha256 abc',
      'cluster cdf8 at revision 700, what changed after 600, 2026-11-22T00:00:00.000Z to 2026-11-22T00:00:01.000Z',
      'prefixes: /a',
      'only keys with size>1KB and lease',
      'whole: all of it is as it was written',
    ].join('\n'),
  );
});

test.each<[DumpVerification['verdict'], string]>([
  [{ kind: 'incomplete', reason: 'compacted' }, 'not complete, though as it was written: compacted'],
  [{ kind: 'unproven', reason: 'no manifest' }, 'nobody can tell whether it is whole: no manifest'],
  [{ kind: 'damaged', reason: 'cut short', where: 'main.csv:3:1' }, 'NOT whole: cut short\n  at main.csv:3:1'],
])('%j', (verdict, ending) => {
  const text = renderVerification({ kind: 'dump', ...dump, verdict, origin: undefined, sha256: undefined });
  expect(text.split('columns key, value, encoding\n')[1]).toBe(ending);
});

test('a snapshot', () => {
  const text = renderVerification({
    kind: 'snapshot',
    file: 'main.db',
    bytes: 20_512,
    sha256: 'abc',
    verdict: { kind: 'whole' },
    database: { revision: 9, compactRevision: 4, versions: 5, series: '3.6' },
    manifest: undefined,
  });
  expect(text).toBe(
    [
      'main.db: snapshot, 20.5 kB (20512 bytes)',
      'sha256 abc',
      'revision 9, compacted at 4: 5 versions of keys, of etcd 3.6',
      'whole: all of it is as it was written',
    ].join('\n'),
  );
});

test('progress comes in few lines', () => {
  expect([0, 99e6, 100e6, 350e6].map(verifyStep)).toEqual(['reading', 'reading', 'reading: 100 MB', 'reading: 300 MB']);
});
