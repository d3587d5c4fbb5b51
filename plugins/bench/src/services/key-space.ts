import type { KeySpace } from '@etcdperf/core/workload';

/** A key as requests hold it. */
export function keyOf({ prefix, digits }: KeySpace, number: number): string {
  return prefix + String(number).padStart(digits, '0');
}

/** The range from the first key of the space to its last; other keys may lie among them. */
export function rangeOf(space: KeySpace): { readonly key: string; readonly rangeEnd: string } {
  return { key: keyOf(space, 0), rangeEnd: `${keyOf(space, space.size - 1)}\0` };
}

export function keyBytes({ prefix, digits }: KeySpace): number {
  return Buffer.byteLength(prefix) + digits;
}
