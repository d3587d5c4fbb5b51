import { kubernetesType } from '../../kubernetes/kubernetes-type.ts';
import type { KindDifferences } from './compare-report.ts';
import type { Difference } from './difference.ts';

/** Kubernetes has a hundred types; what claims to have more than this is told no further. */
const MOST_KINDS = 1000;

/** Counts differences by the type of their values, where these are Kubernetes'. */
export class KindCounts {
  readonly #kinds = new Map<string, { -readonly [Name in keyof KindDifferences]: KindDifferences[Name] }>();

  add({ kind, a, b }: Difference): void {
    const value = b?.value ?? a?.value;
    const type = value === undefined ? undefined : kubernetesType(value);
    if (type === undefined) return;
    const id = `${type.apiVersion} ${type.kind}`;
    let counts = this.#kinds.get(id);
    if (counts === undefined) {
      if (this.#kinds.size === MOST_KINDS) return;
      counts = { apiVersion: type.apiVersion, resource: type.kind, added: 0, removed: 0, changed: 0 };
      this.#kinds.set(id, counts);
    }
    counts[kind] += 1;
  }

  /** Most differences first. */
  sorted(): KindDifferences[] {
    const all = ({ added, removed, changed }: KindDifferences) => added + removed + changed;
    return [...this.#kinds.values()].sort((one, other) => all(other) - all(one));
  }
}
