import { InputError } from '@etcdperf/core/errors';
import type { DumpFile } from '../../formats/dump-file.ts';
import type { DumpColumn } from '../../formats/dump-layout.ts';
import { keyText } from '../key-text.ts';
import { beginsWith } from '../within-prefixes.ts';
import type { ComparedField } from './difference.ts';

const COLUMNS: Readonly<Record<ComparedField, readonly DumpColumn[]>> = {
  // A value that was left out is compared by what there is of it.
  value: [],
  lease: ['lease'],
  revisions: ['create_revision', 'mod_revision'],
  version: ['version'],
};

/**
 * Throws InputError where a dump can't have what it is asked for: its columns don't say it, or it was made of other
 * prefixes.
 *
 * @param wanted the prefixes that were asked for; none where all is wanted that it has
 */
export function checkDump(dump: DumpFile, fields: readonly ComparedField[], wanted: readonly Buffer[]): void {
  const { layout, manifest, origin } = dump;
  const isLayoutKnown = layout.format === 'csv' || manifest !== undefined;
  const missing = fields.flatMap((field) => COLUMNS[field].filter((column) => !layout.columns.includes(column)));
  if (isLayoutKnown && missing.length > 0)
    throw new InputError(`the dump has no ${missing.map((column) => `'${column}'`).join(', ')}`, {
      where: origin.name,
      hint: 'compare without it: leave it out of --with',
    });
  if (origin.prefixes.length === 0) return;
  const outside = wanted.find((prefix) => !origin.prefixes.some((made) => beginsWith(prefix, made)));
  if (outside === undefined) return;
  throw new InputError(`the dump has nothing of '${keyText(outside)}'`, {
    where: origin.name,
    hint: `it was made of ${origin.prefixes.map((prefix) => `'${keyText(prefix)}'`).join(', ')}`,
  });
}

/** What one must know of a dump to judge how something differs from it. */
export function dumpNotes(dump: DumpFile | undefined): string[] {
  const manifest = dump?.manifest;
  if (dump === undefined || manifest === undefined) return [];
  const { name } = dump.origin;
  return [
    ...(manifest.complete ? [] : [`${name} is not complete: ${manifest.reason}`]),
    ...(manifest.filters.length === 0 ? [] : [`${name} has only keys with ${manifest.filters.join(' and ')}`]),
    ...(manifest.sinceRevision === undefined
      ? []
      : [`${name} has only keys that changed after revision ${manifest.sinceRevision}`]),
  ];
}
