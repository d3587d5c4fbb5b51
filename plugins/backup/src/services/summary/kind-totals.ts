import type { KeyRecord } from '../../contents/key-record.ts';
import { kubernetesType } from '../../kubernetes/kubernetes-type.ts';
import { KeySum, type KeyTotals } from './key-totals.ts';

export interface KindTotals {
  readonly apiVersion: string;
  readonly kind: string;
  readonly totals: KeyTotals;
}

/** Kubernetes has a hundred types; what claims to have more than this is told no further. */
const MOST_KINDS = 1000;

/** Adds keys up by the type of their values, where these are Kubernetes'. */
export class KindSums {
  readonly #kinds = new Map<string, { readonly apiVersion: string; readonly kind: string; readonly totals: KeySum }>();

  add(record: KeyRecord): void {
    const type = record.value === undefined ? undefined : kubernetesType(record.value);
    if (type === undefined) return;
    const id = `${type.apiVersion} ${type.kind}`;
    let kind = this.#kinds.get(id);
    if (kind === undefined) {
      if (this.#kinds.size === MOST_KINDS) return;
      kind = { ...type, totals: new KeySum() };
      this.#kinds.set(id, kind);
    }
    kind.totals.add(record);
  }

  /** Largest first. */
  sorted(): KindTotals[] {
    return [...this.#kinds.values()]
      .map((kind) => ({ ...kind, totals: kind.totals.totals() }))
      .sort((one, other) => other.totals.bytes - one.totals.bytes);
  }
}
