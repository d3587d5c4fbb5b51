import type { KeyRecord } from '../../contents/key-record.ts';
import { kubernetesType } from '../../kubernetes/kubernetes-type.ts';
import { keyJson } from '../key-json.ts';
import type { ComparedField, Difference } from './difference.ts';
import { firstDifference } from './first-difference.ts';
import { valueExcerpt } from './value-excerpt.ts';

/** One side of a difference. Nothing of the value itself, unless some of it was asked for. */
export interface SideJson {
  readonly valueSize?: number;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  /** Hex, as etcdctl prints it. */
  readonly lease?: string;
  /** On one line; `…` where there is more. */
  readonly excerpt?: string;
}

export interface DifferenceJson {
  readonly kind: Difference['kind'];
  /** A key that isn't UTF-8 is in `keyBase64`. */
  readonly key?: string;
  readonly keyBase64?: string;
  /** What changed. */
  readonly fields?: readonly ComparedField[];
  /** Offset of the first byte that isn't the same in both values. */
  readonly firstDifference?: number;
  /** Of the value, where it is Kubernetes' own: B's where there is one. */
  readonly apiVersion?: string;
  readonly resource?: string;
  readonly a?: SideJson;
  readonly b?: SideJson;
}

/** @param mostValueBytes of a value that may be shown: 0 for none */
export function differenceJson({ kind, a, b, ...more }: Difference, mostValueBytes: number): DifferenceJson {
  const { key } = (b ?? a)!;
  const type = typeOf(b) ?? typeOf(a);
  const offset =
    a?.value !== undefined && b?.value !== undefined && !a.value.equals(b.value)
      ? firstDifference(a.value, b.value)
      : undefined;
  const side = (record: KeyRecord) => sideJson(record, offset ?? 0, mostValueBytes);
  return {
    kind,
    ...keyJson(key),
    ...('fields' in more && { fields: more.fields }),
    ...(offset !== undefined && { firstDifference: offset }),
    ...(type && { apiVersion: type.apiVersion, resource: type.kind }),
    ...(a && { a: side(a) }),
    ...(b && { b: side(b) }),
  };
}

function typeOf(record: KeyRecord | undefined) {
  return record?.value === undefined ? undefined : kubernetesType(record.value);
}

function sideJson(record: KeyRecord, offset: number, mostValueBytes: number): SideJson {
  const { value, valueSize, createRevision, modRevision, version, lease } = record;
  return {
    ...(valueSize !== undefined && { valueSize }),
    createRevision,
    modRevision,
    version,
    ...(lease !== 0n && { lease: BigInt.asUintN(64, lease).toString(16) }),
    ...(mostValueBytes > 0 && value !== undefined && { excerpt: valueExcerpt(value, offset, mostValueBytes) }),
  };
}
