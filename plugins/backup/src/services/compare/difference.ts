import type { KeyRecord } from '../../contents/key-record.ts';

/** What of a key can differ. */
export const COMPARED_FIELDS = ['value', 'lease', 'revisions', 'version'] as const;
export type ComparedField = (typeof COMPARED_FIELDS)[number];

/** How two contents differ in one key, from A's point of view: what one would have to do to A. */
export type Difference =
  | { readonly kind: 'added'; readonly a?: undefined; readonly b: KeyRecord }
  | { readonly kind: 'removed'; readonly a: KeyRecord; readonly b?: undefined }
  | {
      readonly kind: 'changed';
      readonly a: KeyRecord;
      readonly b: KeyRecord;
      /** At least one. */
      readonly fields: readonly ComparedField[];
    };

/** How far two values could be compared: one that was left out is only known by its size, or not at all. */
export type ValueComparison = 'values' | 'sizes' | 'nothing';

export function valueComparison(a: KeyRecord, b: KeyRecord): ValueComparison {
  if (a.value !== undefined && b.value !== undefined) return 'values';
  return a.valueSize === undefined || b.valueSize === undefined ? 'nothing' : 'sizes';
}

/** Which of the fields differ. */
export function changedFields(a: KeyRecord, b: KeyRecord, fields: readonly ComparedField[]): ComparedField[] {
  return fields.filter((field) => !isEqual(a, b, field));
}

function isEqual(a: KeyRecord, b: KeyRecord, field: ComparedField): boolean {
  switch (field) {
    case 'value':
      if (a.value !== undefined && b.value !== undefined) return a.value.equals(b.value);
      return a.valueSize === undefined || b.valueSize === undefined || a.valueSize === b.valueSize;
    case 'lease':
      return a.lease === b.lease;
    case 'revisions':
      return a.createRevision === b.createRevision && a.modRevision === b.modRevision;
    case 'version':
      return a.version === b.version;
    default:
      return field satisfies never;
  }
}
