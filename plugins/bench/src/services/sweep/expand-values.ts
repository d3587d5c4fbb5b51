import { InputError } from '@etcdperf/core/errors';

const MOST_VALUES = 1000;

/**
 * The values of a list, in the order they are written, each once: `8,256,1024`, or with dots for what lies between:
 * `1,10,...,100000` multiplies on, `0,5,...,20` adds on.
 *
 * @param where the flag, for the InputError that an empty or endless list is
 */
export function expandValues(text: string, where: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  const values: string[] = [];
  parts.forEach((part, index) => {
    if (isDots(part)) values.push(...between(parts, index, where));
    else if (part === '') throw new InputError(`an empty value in '${text}'`, { where });
    else values.push(part);
  });
  if (values.length > MOST_VALUES) throw new InputError(`${values.length} values are too many to measure`, { where });
  return [...new Set(values)];
}

function isDots(part: string): boolean {
  return part === '...' || part === '…';
}

/**
 * What the dots at `index` stand for: the two values before them tell the step, the one after them the end. What fits
 * both ways is multiplied: 1,2,...,8 has a 4 between.
 */
function between(parts: readonly string[], index: number, where: string): string[] {
  const [first = Number.NaN, second = Number.NaN, last = Number.NaN] = [index - 2, index - 1, index + 1].map((at) =>
    Number(parts[at] || Number.NaN),
  );
  if (first < second && second < last) {
    for (const step of [(value: number) => value * (second / first), (value: number) => value + (second - first)]) {
      const found: number[] = [];
      let value = second;
      while (value < last && found.length <= MOST_VALUES) {
        value = rounded(step(value));
        found.push(value);
      }
      if (found.length > MOST_VALUES)
        throw new InputError(`the dots in '${parts.join(',')}' stand for too many values`, { where });
      if (value === last) return found.slice(0, -1).map(String);
    }
  }
  throw new InputError(`the dots in '${parts.join(',')}' stand for nothing that leads to the value after them`, {
    where,
    hint: 'like 1,10,...,100000 or 0,5,...,20: two values before the dots, and the last one after them',
  });
}

/** 0.1 + 0.2 is 0.3. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
