import { InputError } from '@etcdperf/core/errors';
import { keyText } from '../key-text.ts';

/**
 * What both the dump and the user mean: of two prefixes of which one begins with the other, the longer. Without wishes all
 * of the dump. Prefixes within others are left out. Throws InputError for a wish that the dump knows nothing of.
 */
export function selectPrefixes(dumped: readonly Buffer[], wished: readonly Buffer[]): readonly Buffer[] {
  if (wished.length === 0) return withoutInner(dumped);
  const selected = wished.flatMap((wish) => {
    const both = dumped.flatMap((prefix) => longerOf(prefix, wish) ?? []);
    if (both.length > 0) return both;
    throw new InputError(`the dump holds nothing below '${keyText(wish)}'`, {
      where: '--prefix',
      hint: `it is of ${dumped.map((prefix) => `'${keyText(prefix)}'`).join(', ')}`,
    });
  });
  return withoutInner(selected);
}

/** Whether a key is below one of the prefixes. */
export function selectorOf(prefixes: readonly Buffer[]): (key: Buffer) => boolean {
  if (prefixes.some((prefix) => prefix.length === 0)) return () => true;
  return (key) => prefixes.some((prefix) => startsWith(key, prefix));
}

function withoutInner(prefixes: readonly Buffer[]): readonly Buffer[] {
  return prefixes.filter(
    (prefix, index) =>
      !prefixes.some(
        (other, at) => at !== index && startsWith(prefix, other) && (other.length < prefix.length || at < index),
      ),
  );
}

function longerOf(one: Buffer, other: Buffer): Buffer | undefined {
  if (startsWith(one, other)) return one;
  return startsWith(other, one) ? other : undefined;
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.length >= start.length && bytes.compare(start, 0, start.length, 0, start.length) === 0;
}
