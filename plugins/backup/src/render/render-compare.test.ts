import { expect, test } from 'vitest';
import { compareContents } from '../services/compare/compare-contents.ts';
import { contentsOf, recordOf } from '../testing/contents-of.ts';
import { renderCompare } from './render-compare.ts';

const options = {
  fields: ['value', 'lease'] as const,
  prefixes: [],
  limit: 2,
  mostValueBytes: 0,
  signal: new AbortController().signal,
};

test('differences: how many, and the first of each sort, harmless for a terminal', async () => {
  const a = [recordOf('/a', '1234'), recordOf('/b', '1'), recordOf('/c', '1'), recordOf('/d', '1')];
  const b = [
    recordOf(Buffer.from([0x2f, 0x1b, 0x5b, 0x41]), 'x'.repeat(2000)),
    recordOf('/a', '12x4'),
    recordOf('/d', '1', { lease: 0x4d2n }),
  ];
  const report = await compareContents(contentsOf(a, { name: 'before.csv' }), contentsOf(b, { name: 'lab' }), options);
  const text = renderCompare({ ...report, prefixes: [], notes: ['B is old'], outputPath: 'all.jsonl' });
  expect(text).toBe(
    [
      'A  before.csv, 4 keys',
      'B  lab, 3 keys',
      'different: 1 added, 2 removed, 2 changed (value 1, lease 1); 0 the same',
      'note: B is old',
      'all differences: all.jsonl',
      '',
      '+ /\\x1b[A  2 kB',
      '',
      '- /b  1 B',
      '- /c  1 B',
      '',
      '~ /a  4 B, from byte 2 on',
      '~ /d  lease none → 4d2',
    ].join('\n'),
  );
  expect(
    renderCompare({
      ...(await compareContents(contentsOf(a), contentsOf(b), { ...options, limit: 1, mostValueBytes: 2 })),
      prefixes: ['/'],
      notes: [],
      outputPath: undefined,
    }),
  ).toContain('- /b  1 B\n    - 1\n  … and 1 more removed\n\n~ /a  4 B, from byte 2 on\n    - …34\n    + …x4\n');
});

test('no difference', async () => {
  const all = [recordOf('/a', '1'), recordOf('/b', '', { value: undefined, valueSize: undefined })];
  const report = await compareContents(contentsOf(all), contentsOf(all), options);
  expect(renderCompare({ ...report, prefixes: ['/'], notes: [], outputPath: undefined })).toContain(
    'the same: 2 keys below /\nthe values of 1 keys could not be compared',
  );
});
