import { expect, test } from 'vitest';
import { databaseShare } from '../services/summary/database-share.ts';
import { foldTree } from '../services/summary/prefix-node.ts';
import { summarizeContents } from '../services/summary/summarize-contents.ts';
import { type SummaryReport, treeJson } from '../services/summary/summary-report.ts';
import { contentsOf, recordOf } from '../testing/contents-of.ts';
import { renderSummary } from './render-summary.ts';

async function report(): Promise<SummaryReport> {
  const many = Array.from({ length: 90 }, (_, index) => recordOf(`/b/${index + 10}`, 'x'.repeat(100)));
  const contents = contentsOf([recordOf('/a\u001b', 'x'.repeat(9000), { version: 7, lease: 7n }), ...many]);
  const signal = new AbortController().signal;
  const { tree, ...facts } = await summarizeContents(contents, { depth: 2, separator: '/', top: 1, signal });
  return {
    name: 'lab',
    revision: 100,
    clusterId: 'abc',
    prefixes: [],
    ...facts,
    tree: treeJson(foldTree(tree, 0.05, 'bytes')),
    database: databaseShare(
      [
        { member: 'm1', fileBytes: 1_000_000, inUseBytes: 500_000 },
        { member: 'm2', fileBytes: 2_000_000, inUseBytes: 400_000 },
      ],
      facts.totals,
      true,
    ),
    churn: {
      kind: 'measured',
      seconds: 10,
      fromRevision: 90,
      toRevision: 100,
      revisionsPerSec: 1,
      created: 1,
      changed: 1,
      deleted: 0,
      recreated: 0,
      writes: 10,
      writesPerSec: 1,
      keys: [{ key: '/a', fate: 'changed', writes: 9, writesPerSec: 0.9 }],
    },
    notes: ['mind this'],
  };
}

test('what fills a database, by prefix, with the keys that stand out', async () => {
  const text = renderSummary(await report(), 'page.html');
  expect(text.split('\n\n').map((part) => part.split('\n'))).toEqual([
    [
      'lab, at revision 100, cluster abc',
      '91 keys, 18.5 kB; values: 18 kB, mean 198 B, largest 9 kB',
      '97 versions (1.1 per key); 1 keys with 1 leases',
      'database: a file of 1 MB, 500 kB of it in use, 500 kB (50%) free, which a defragmentation gives back',
      expect.stringMatching(
        /^of what is in use, about \d\d(\.\d)? kB \(\d%\) are live keys \(18.5 kB and .* kB \(9\d%\) history/,
      ),
      'members: m1 1 MB, 500 kB in use; m2 2 MB, 400 kB in use',
      'note: mind this',
    ],
    [
      'PREFIX    KEYS    BYTES   SHARE  MEAN VALUE  LARGEST  VERSIONS  PER KEY  LEASED',
      'all keys    91  18.5 kB  100.0%       198 B     9 kB        97      1.1       1',
      '  /b/       90  9.45 kB   51.2%       100 B    100 B        90      1.0       0',
      '  /a\\x1b     1     9 kB   48.8%        9 kB     9 kB         7      7.0       1',
    ],
    [
      'largest values',
      'KEY     VALUE  VERSION  CREATED AT  MODIFIED AT',
      '/a\\x1b   9 kB        7           2            2',
    ],
    [
      'most versions',
      'KEY     VALUE  VERSION  CREATED AT  MODIFIED AT',
      '/a\\x1b   9 kB        7           2            2',
    ],
    [
      'churn within 10.0 s, revisions 90 to 100 (1/s of all keys): 1 keys created, 1 changed, 0 deleted, ' +
        '0 deleted and created again; 1/s writes',
      'KEY  WRITES/S  WRITES  WAS',
      '/a        0.9       9  changed',
    ],
    ['to explore: page.html'],
  ]);
});

test.each([
  [{ kind: 'interrupted' } as const, 'churn: interrupted before its time was over'],
  [{ kind: 'failed', message: 'revision 7 was compacted' } as const, 'churn: not measured: revision 7 was compacted'],
])('churn that was not measured: %j', async (churn, line) => {
  expect(
    renderSummary({ ...(await report()), churn }, undefined)
      .split('\n')
      .at(-1),
  ).toBe(line);
});
