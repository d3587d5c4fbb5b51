import type { ComparedField, Difference, ValueComparison } from './difference.ts';
import type { DifferenceJson } from './difference-json.ts';

/** One of what was compared. */
export interface ComparedSide {
  readonly name: string;
  readonly revision: number | undefined;
  readonly clusterId: string | undefined;
  /** Keys that were looked at. */
  readonly keys: number;
}

/** Differences in values of one of Kubernetes' types. */
export interface KindDifferences {
  readonly apiVersion: string;
  readonly resource: string;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** What one would have to do to A to make B of it. */
export interface CompareReport {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  readonly isSame: boolean;
  readonly same: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly comparedFields: readonly ComparedField[];
  /** Of the changed keys, in how many each field differs. */
  readonly changedFields: Readonly<Record<ComparedField, number>>;
  /** Of the keys that both have: whose values, only whose values' sizes, or neither could be compared. */
  readonly valuesComparedBy: Readonly<Record<ValueComparison, number>>;
  /** Most differences first; empty where no value is Kubernetes'. */
  readonly kinds: readonly KindDifferences[];
  /** The first of each sort. */
  readonly differences: Readonly<Record<Difference['kind'], readonly DifferenceJson[]>>;
}
