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

/** Whether a key of its range has the form of its keys. */
export function isOfSpace({ prefix, digits }: KeySpace, key: Buffer): boolean {
  const text = key.toString();
  return text.length === prefix.length + digits && /^\d+$/.test(text.slice(prefix.length));
}
