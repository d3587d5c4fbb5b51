import { expect, test } from 'vitest';
import type { DumpFile } from '../../formats/dump-file.ts';
import { dumpLayout } from '../../formats/dump-layout.ts';
import type { DumpManifest } from '../../formats/dump-manifest.ts';
import { contentsOf } from '../../testing/contents-of.ts';
import { checkDump, dumpNotes } from './check-dump.ts';

const layout = dumpLayout({ columns: ['key', 'value', 'lease'] });

function dumpOf(more: Partial<DumpManifest> = {}, prefixes = ['/a/', '/b/']): DumpFile {
  const { origin, ...contents } = contentsOf([], { name: 'dump.csv' });
  const manifest = {
    complete: true,
    filters: [],
    sinceRevision: undefined,
    layout,
    ...more,
  } as unknown as DumpManifest;
  const made = { ...origin, prefixes: prefixes.map((prefix) => Buffer.from(prefix)) };
  return { ...contents, origin: made, layout, compression: 'none', manifest };
}

test.each([
  [[], []],
  [['lease'], ['/a/', '/b/more/']],
  [['value'], ['/a/']],
] as const)('what a dump has can be compared: %j below %j', (fields, prefixes) => {
  const wanted = prefixes.map((prefix) => Buffer.from(prefix));
  expect(() => checkDump(dumpOf(), fields, wanted)).not.toThrow();
});

test.each([
  [['version'], [], "the dump has no 'version'"],
  [['revisions'], [], "the dump has no 'create_revision', 'mod_revision'"],
  [['value'], ['/a'], "the dump has nothing of '/a'"],
  [['value'], ['/a/', ''], "the dump has nothing of ''"],
] as const)('what it has not can’t: %j below %j', (fields, prefixes, message) => {
  const wanted = prefixes.map((prefix) => Buffer.from(prefix));
  expect(() => checkDump(dumpOf(), fields, wanted)).toThrow(expect.objectContaining({ message, exitCode: 2 }));
});

test('what explains differences is told', () => {
  expect(dumpNotes(undefined)).toEqual([]);
  expect(dumpNotes(dumpOf())).toEqual([]);
  const partial = dumpOf({ complete: false, reason: 'compacted', filters: ['size>1KB', 'lease'], sinceRevision: 7 });
  expect(dumpNotes(partial)).toEqual([
    'dump.csv is not complete: compacted',
    'dump.csv has only keys with size>1KB and lease',
    'dump.csv has only keys that changed after revision 7',
  ]);
});
